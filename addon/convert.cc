#include "convert.h"

#include <cstring>

namespace ocirun {

namespace {

// U+FFFD, which Node.js writes for a lone surrogate; the standalone host writes the surrogate
// itself.
constexpr char kReplacement[] = "\xEF\xBF\xBD";

bool hasSurrogate(Bytes bytes) {
    const char* at = bytes.data;
    const char* end = at + bytes.size;
    while ((at = static_cast<const char*>(memchr(at, 0xED, static_cast<size_t>(end - at))))) {
        if (end - at > 1 && (at[1] & 0xE0) == 0xA0) return true;
        at++;
    }
    return false;
}

// The slow road for a string that has U+FFFD: is it its own, or did a lone surrogate become it?
bool hasLoneSurrogate(Napi::Value value) {
    size_t length = 0;
    napi_get_value_string_utf16(value.Env(), value, nullptr, 0, &length);
    std::u16string units(length + 1, u'\0');
    napi_get_value_string_utf16(value.Env(), value, units.data(), length + 1, &length);
    for (size_t i = 0; i < length; i++) {
        if ((units[i] & 0xF800) != 0xD800) continue;
        bool pair = (units[i] & 0x0400) == 0 && (units[i + 1] & 0xFC00) == 0xDC00;
        if (!pair) return true;
        i++;
    }
    return false;
}

bool isAscii(Bytes bytes) {
    unsigned char all = 0;
    for (size_t i = 0; i < bytes.size; i++) all |= static_cast<unsigned char>(bytes.data[i]);
    return all < 0x80;
}

Refusal addTo(Strings& strings, Napi::Value value) {
    Utf8 text;
    Refusal refusal = text.take(value);
    if (isRefused(refusal)) return refusal;
    if (text.hasNul()) return {nullptr, EINVAL};
    strings.add(text.bytes());
    return kAccepted;
}

}  // namespace

Refusal Utf8::take(Napi::Value value) {
    napi_env env = value.Env();
    if (napi_get_value_string_utf8(env, value, short_, sizeof short_, &size_) != napi_ok) {
        return {"must be a string"};
    }
    // A string that was cut ends less than one character (3 bytes more) before the end of the
    // buffer.
    if (size_ + 4 >= sizeof short_) {
        napi_get_value_string_utf8(env, value, nullptr, 0, &size_);
        long_.resize(size_ + 1);
        napi_get_value_string_utf8(env, value, long_.data(), size_ + 1, &size_);
        data_ = long_.data();
    }
    if (isAscii(bytes())) return kAccepted;
    bool lone = hasSurrogate(bytes()) ||
                (memmem(data_, size_, kReplacement, 3) != nullptr && hasLoneSurrogate(value));
    return lone ? Refusal{nullptr, EILSEQ} : kAccepted;
}

Refusal takeBytes(Napi::Value value, Bytes& bytes) {
    constexpr Refusal kWrong{"must be a Uint8Array"};
    if (!value.IsTypedArray()) return kWrong;
    napi_typedarray_type type;
    void* data;
    napi_status status =
        napi_get_typedarray_info(value.Env(), value, &type, &bytes.size, &data, nullptr, nullptr);
    if (status != napi_ok || type != napi_uint8_array) return kWrong;
    bytes.data = static_cast<const char*>(data);
    return kAccepted;
}

Refusal Argument<Data>::take(Napi::Value value) {
    if (value.IsTypedArray()) return takeBytes(value, bytes_);
    if (!value.IsString()) return {"must be a string or a Uint8Array"};
    Refusal refusal = text_.take(value);
    bytes_ = text_.bytes();
    if (isRefused(refusal)) return refusal;
    return text_.hasNul() ? Refusal{nullptr, EINVAL} : kAccepted;
}

Refusal Argument<std::vector<int>>::take(Napi::Value value) {
    constexpr Refusal kWrong{"must be an array of integers"};
    if (!value.IsArray()) return kWrong;
    Napi::Array array = value.As<Napi::Array>();
    uint32_t length = array.Length();
    numbers_.reserve(std::min(length, 256u));
    for (uint32_t i = 0; i < length; i++) {
        int number;
        if (isRefused(takeInteger(array.Get(i), number))) return kWrong;
        numbers_.push_back(number);
    }
    return kAccepted;
}

Refusal Argument<Strings>::take(Napi::Value value) {
    constexpr Refusal kWrong{"must be an array of strings"};
    if (!value.IsArray()) return kWrong;
    Napi::Array array = value.As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length(); i++) {
        Refusal refusal = addTo(strings_, array.Get(i));
        if (isRefused(refusal)) return refusal.number != 0 ? refusal : kWrong;
    }
    return kAccepted;
}

Napi::Value toValue(Napi::Env env, double number) { return Napi::Number::New(env, number); }

Napi::Value toValue(Napi::Env env, bool on) { return Napi::Boolean::New(env, on); }

Napi::Value toValue(Napi::Env env, const Text& text) {
    Bytes bytes = text.buffer.bytes();
    return Napi::String::New(env, bytes.data, bytes.size);
}

Napi::Value toValue(Napi::Env env, const std::optional<Text>& text) {
    return text ? toValue(env, *text) : env.Undefined();
}

Napi::Value toValue(Napi::Env env, const Buffer& bytes) {
    Napi::Uint8Array array = Napi::Uint8Array::New(env, bytes.size());
    if (bytes.size() > 0) memcpy(array.Data(), bytes.bytes().data, bytes.size());
    return array;
}

Napi::Value toValue(Napi::Env env, const Numbers& numbers) {
    Napi::Array array = Napi::Array::New(env, numbers.size());
    for (uint32_t i = 0; i < numbers.size(); i++) array.Set(i, numbers[i]);
    return array;
}

Napi::Value toValue(Napi::Env env, const std::vector<Text>& texts) {
    Napi::Array array = Napi::Array::New(env, texts.size());
    for (uint32_t i = 0; i < texts.size(); i++) array.Set(i, toValue(env, texts[i]));
    return array;
}

Napi::Value toValue(Napi::Env env, const Record& record) {
    Napi::Array array = Napi::Array::New(env, record.descriptors.size() + 1);
    array.Set(0u, toValue(env, record.data));
    for (uint32_t i = 0; i < record.descriptors.size(); i++) {
        array.Set(i + 1, toValue(env, record.descriptors[i]));
    }
    return array;
}

Napi::Value toValue(Napi::Env env, const std::optional<ProgramEnd>& end) {
    Napi::Array array = Napi::Array::New(env, end ? 4 : 0);
    if (!end) return array;
    array.Set(0u, toValue(env, end->code));
    array.Set(1u, toValue(env, end->status));
    array.Set(2u, toValue(env, end->output));
    array.Set(3u, toValue(env, end->errors));
    return array;
}

void throwFailure(Napi::Env env, const Failure& failure) {
    const char* name = strerrorname_np(failure.number);
    const char* words = strerrordesc_np(failure.number);
    std::string message = std::string(failure.syscall) + ": " + (words ? words : "Unknown error");
    napi_value error;
    napi_create_error(env, Napi::String::New(env, name ? name : "EUNKNOWN"),
                      Napi::String::New(env, message), &error);
    Napi::Object object(env, error);
    object.Set("errno", Napi::Number::New(env, failure.number));
    object.Set("syscall", Napi::String::New(env, failure.syscall));
    napi_throw(env, error);
}

}  // namespace ocirun
