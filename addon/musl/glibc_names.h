// Included before everything else where our C++ is compiled against musl: what it and the
// distribution's libstdc++ expect of glibc. We use templates only (strings, vectors, tuples); their
// code is made here, not taken from libstdc++.
#pragma once

// No version of glibc.
#define __GLIBC_PREREQ(major, minor) 0
#define __locale_t locale_t
// Instantiate templates in our own objects: the library's were compiled against glibc.
#define _GLIBCXX_EXTERN_TEMPLATE 0

#include <bits/c++config.h>
// Functions of pthread.h that musl has not.
#undef _GLIBCXX_USE_PTHREAD_COND_CLOCKWAIT
#undef _GLIBCXX_USE_PTHREAD_MUTEX_CLOCKLOCK
#undef _GLIBCXX_USE_PTHREAD_RWLOCK_CLOCKLOCK

// errno_names.cc
extern "C" const char* strerrorname_np(int number);
extern "C" const char* strerrordesc_np(int number);
