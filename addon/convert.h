// Between JavaScript's values and those of the native functions: strict in, checked out.
#pragma once

#include <napi.h>

#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "native/buffer.h"
#include "native/programs.h"
#include "native/result.h"
#include "native/sockets.h"

namespace ocirun {

// A string that may hold NUL bytes.
struct FreeText {
    Bytes bytes;
};

// A string without NUL bytes, or a Uint8Array.
struct Data {
    Bytes bytes;
};

// What is wrong with an argument: a TypeError's words, or an error number.
struct Refusal {
    const char* words = nullptr;
    int number = 0;
};

constexpr Refusal kAccepted{};

inline bool isRefused(const Refusal& refusal) {
    return refusal.words != nullptr || refusal.number != 0;
}

// The UTF-8 bytes of a string, a NUL behind: short ones lie in the object, which is on the stack.
class Utf8 {
 public:
    // Lone surrogates are refused with EILSEQ.
    Refusal take(Napi::Value value);
    bool hasNul() const { return memchr(data_, '\0', size_) != nullptr; }
    const char* data() const { return data_; }
    Bytes bytes() const { return {data_, size_}; }

 private:
    char short_[512];
    std::vector<char> long_;
    const char* data_ = short_;
    size_t size_ = 0;
};

Refusal takeBytes(Napi::Value value, Bytes& bytes);

// Argument<T>: from a JavaScript value to a parameter of type T.
template <class T>
class Argument;

template <class T>
requires(std::is_integral_v<T>) Refusal takeInteger(Napi::Value value, T& number) {
    constexpr double kSafe = 9007199254740991;
    constexpr bool kWide = sizeof(T) > 4;
    constexpr double kLeast = kWide ? (std::is_signed_v<T> ? -kSafe : 0)
                                    : static_cast<double>(std::numeric_limits<T>::min());
    constexpr double kMost = kWide ? kSafe : static_cast<double>(std::numeric_limits<T>::max());
    double given;
    if (napi_get_value_double(value.Env(), value, &given) != napi_ok) return {"must be a number"};
    // Written so that NaN is refused.
    if (!(given >= kLeast && given <= kMost)) return {"is out of range"};
    if (std::trunc(given) != given) return {"must be an integer"};
    number = static_cast<T>(given);
    return kAccepted;
}

template <class T>
requires(std::is_integral_v<T>) class Argument<T> {
 public:
    Refusal take(Napi::Value value) { return takeInteger(value, number_); }
    T get() { return number_; }

 private:
    T number_;
};

template <>
class Argument<bool> {
 public:
    Refusal take(Napi::Value value) {
        if (napi_get_value_bool(value.Env(), value, &on_) != napi_ok) return {"must be a boolean"};
        return kAccepted;
    }
    bool get() const { return on_; }

 private:
    bool on_;
};

// A whole 64-bit number, which JavaScript has as a bigint.
struct Wide {
    uint64_t number;
};

template <>
class Argument<Wide> {
 public:
    Refusal take(Napi::Value value) {
        bool lossless = false;
        if (napi_get_value_bigint_uint64(value.Env(), value, &wide_.number, &lossless) != napi_ok) {
            return {"must be a bigint"};
        }
        return lossless ? kAccepted : Refusal{"is out of range"};
    }
    Wide get() const { return wide_; }

 private:
    Wide wide_;
};

template <>
class Argument<const char*> {
 public:
    Refusal take(Napi::Value value) {
        Refusal refusal = text_.take(value);
        if (isRefused(refusal)) return refusal;
        return text_.hasNul() ? Refusal{nullptr, EINVAL} : kAccepted;
    }
    const char* get() const { return text_.data(); }

 private:
    Utf8 text_;
};

template <>
class Argument<FreeText> {
 public:
    Refusal take(Napi::Value value) { return text_.take(value); }
    FreeText get() const { return {text_.bytes()}; }

 private:
    Utf8 text_;
};

template <>
class Argument<Bytes> {
 public:
    Refusal take(Napi::Value value) { return takeBytes(value, bytes_); }
    Bytes get() const { return bytes_; }

 private:
    Bytes bytes_;
};

template <>
class Argument<Data> {
 public:
    Refusal take(Napi::Value value);
    Data get() const { return {bytes_}; }

 private:
    Utf8 text_;
    Bytes bytes_;
};

template <>
class Argument<std::vector<int>> {
 public:
    Refusal take(Napi::Value value);
    const std::vector<int>& get() const { return numbers_; }

 private:
    std::vector<int> numbers_;
};

template <>
class Argument<Strings> {
 public:
    Refusal take(Napi::Value value);
    const Strings& get() const { return strings_; }

 private:
    Strings strings_;
};

Napi::Value toValue(Napi::Env env, double number);
Napi::Value toValue(Napi::Env env, bool on);
Napi::Value toValue(Napi::Env env, const Text& text);
Napi::Value toValue(Napi::Env env, const std::optional<Text>& text);
Napi::Value toValue(Napi::Env env, const Buffer& bytes);
Napi::Value toValue(Napi::Env env, const Numbers& numbers);
Napi::Value toValue(Napi::Env env, const std::vector<Text>& texts);
Napi::Value toValue(Napi::Env env, const Record& record);
Napi::Value toValue(Napi::Env env, const std::optional<ProgramEnd>& end);
inline Napi::Value toValue(Napi::Env env, int number) {
    return toValue(env, static_cast<double>(number));
}

// An Error with errno, code and syscall.
void throwFailure(Napi::Env env, const Failure& failure);

template <class T>
Napi::Value give(Napi::Env env, Result<T> result) {
    if (result) {
        if constexpr (std::is_void_v<T>) {
            return env.Undefined();
        } else {
            return toValue(env, *result);
        }
    }
    throwFailure(env, result.failure());
    return env.Undefined();
}

template <class T>
Napi::Value give(Napi::Env env, T value) {
    return toValue(env, value);
}

}  // namespace ocirun
