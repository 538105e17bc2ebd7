// Changes of JSON documents that keep them JSON, more or less.
#pragma once

#include <string>

namespace ocirun {

// What may be put in, a line each: values, and members ("key": value).
void learnWords(const std::string& lines);

// A changed document; empty where it is better changed byte by byte.
std::string mutateDocument(const std::string& text, unsigned seed);

// One document with a part of another.
std::string crossDocuments(const std::string& one, const std::string& other, unsigned seed);

}  // namespace ocirun
