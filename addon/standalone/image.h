// The heap image: the engine's memory as it is after our scripts were loaded, made once by the
// build.
//
// Making a context, reading bytecode and running the top level of the scripts costs more than most
// commands do. So the build links the program, has it do all that once (`seed`), and writes the
// memory that this changed into the program file. The product begins where the seed ended: its
// pages come from the file as they are touched.
//
// This works because everything the engine's memory points to lies at an address fixed by the link:
// the program is not position independent, and everything that changes before the image is taken
// lies in the section OCIRUN_IN_IMAGE. Therefore nothing may be allocated by malloc(3) and kept
// before the image is taken, and the top level of a script may not call a native function: what it
// would learn about the build's machine is not true of the user's (napi.cc throws).
#pragma once

#include <quickjs.h>

#define OCIRUN_IN_IMAGE __attribute__((section("ocirun_image")))

namespace ocirun {

constexpr size_t kMostChunks = 32;

struct Image {
    bool complete;
    JSContext* context;
    // The exports of the scripts that have run, in the order of `ocirun_chunks`; undefined for the
    // others.
    JSValue exports[kMostChunks];
};

extern Image image;

// The seed: `argv` names the file to write, the file that says what commands write to (made and
// used by the build, profile.h), and the bytecode files of the scripts to load, in the order of
// `ocirun_chunks`; behind "--" that of the script to rehearse with, which makes the second file.
void makeImage(char** argv);

}  // namespace ocirun
