#include "napi.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "image.h"

// A napi_value is the address of a slot that owns an engine value. Slots are handed out from one
// stack; a handle scope is a position in it, and leaving it releases what lies above. Every native
// call has its own scope.
//
// Where Node.js would need it for other addons but ours does not use it, a function is left out:
// the link then fails.

// The addon's own (NODE_API_MODULE).
extern "C" napi_value napi_register_module_v1(napi_env env, napi_value exports);

struct napi_env__ {
    JSContext* context;
    napi_extended_error_info last_error;
};

struct napi_callback_info__ {
    JSValueConst self;
    JSValueConst new_target;
    int argc;
    JSValueConst* argv;
    void* data;
};

struct napi_ref__ {
    JSValue value;
    uint32_t count;
};

namespace {

struct Callback {
    napi_callback function;
    void* data;
};

// Zeroed memory that costs nothing until it is used: a native call that makes as many values as
// this is out of hand.
constexpr size_t kSlots = size_t{1} << 16;
constexpr size_t kCallbacks = 512;

JSValue slots[kSlots];
JSValue* top = slots;
OCIRUN_IN_IMAGE Callback callbacks[kCallbacks] = {};
OCIRUN_IN_IMAGE size_t callback_count = 0;
OCIRUN_IN_IMAGE napi_env__ the_env{};

JSValueConst valueOf(napi_value handle) { return *reinterpret_cast<JSValue*>(handle); }

void releaseDownTo(napi_env env, JSValue* position) {
    while (top > position) JS_FreeValue(env->context, *--top);
}

napi_status ended(napi_env env, napi_status status) {
    env->last_error.error_code = status;
    return status;
}

napi_status ok(napi_env env) { return ended(env, napi_ok); }

// Hand out a slot for a value (which it then owns).
napi_status give(napi_env env, JSValue value, napi_value* result) {
    if (JS_IsException(value)) return ended(env, napi_pending_exception);
    if (top == slots + kSlots) {
        fprintf(stderr, "ocirun: a native function makes too many values\n");
        abort();
    }
    *top = value;
    *result = reinterpret_cast<napi_value>(top++);
    return ok(env);
}

// The status of an engine function that gives -1 where it threw.
napi_status of(napi_env env, int result) {
    return ended(env, result < 0 ? napi_pending_exception : napi_ok);
}

size_t lengthOf(const char* text, size_t length) {
    return length == NAPI_AUTO_LENGTH ? strlen(text) : length;
}

JSValue trampoline(JSContext*, JSValueConst self, int argc, JSValueConst* argv, int index) {
    napi_env env = &the_env;
    if (!ocirun::image.complete)
        return JS_ThrowTypeError(env->context, "a script calls the system as it is loaded");
    JSValue* position = top;
    napi_callback_info__ info{self, JS_UNDEFINED, argc, argv, callbacks[index].data};
    napi_value returned = callbacks[index].function(env, &info);
    bool threw = JS_HasException(env->context);
    JSValue result = threw      ? JS_EXCEPTION
                     : returned ? JS_DupValue(env->context, valueOf(returned))
                                : JS_UNDEFINED;
    releaseDownTo(env, position);
    return result;
}

using NewError = JSValue (*)(JSContext*, const char*, ...);

// The engine's own constructors cut messages at 255 bytes; they are used for the stack that they
// record.
napi_status newError(napi_env env, NewError make, JSValue message, napi_value code,
                     napi_value* result) {
    JSValue error = make(env->context, "%s", "");
    constexpr int kHidden = JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE;
    JS_DefinePropertyValueStr(env->context, error, "message", message, kHidden);
    if (code)
        JS_SetPropertyStr(env->context, error, "code", JS_DupValue(env->context, valueOf(code)));
    return give(env, error, result);
}

napi_status throwNew(napi_env env, NewError make, const char* code, const char* message) {
    napi_value code_value = nullptr;
    napi_value error = nullptr;
    if (code) give(env, JS_NewString(env->context, code), &code_value);
    // Out of memory: the engine has thrown already.
    if (newError(env, make, JS_NewString(env->context, message), code_value, &error) != napi_ok)
        return ok(env);
    JS_Throw(env->context, JS_DupValue(env->context, valueOf(error)));
    return ok(env);
}

// Bytes of a UTF-8 text that fit into `room` without cutting a character.
size_t wholeCharacters(const char* text, size_t length, size_t room) {
    if (length <= room) return length;
    while (room > 0 && (text[room] & 0xC0) == 0x80) room--;
    return room;
}

napi_valuetype typeOf(JSContext* context, JSValueConst value) {
    switch (JS_VALUE_GET_NORM_TAG(value)) {
        case JS_TAG_UNDEFINED:
            return napi_undefined;
        case JS_TAG_NULL:
            return napi_null;
        case JS_TAG_BOOL:
            return napi_boolean;
        case JS_TAG_INT:
        case JS_TAG_FLOAT64:
            return napi_number;
        case JS_TAG_STRING:
        case JS_TAG_STRING_ROPE:
            return napi_string;
        case JS_TAG_SYMBOL:
            return napi_symbol;
        case JS_TAG_BIG_INT:
        case JS_TAG_SHORT_BIG_INT:
            return napi_bigint;
        default:
            return JS_IsFunction(context, value) ? napi_function : napi_object;
    }
}

// Indexed by the engine's JSTypedArrayEnum; the kinds of Node-API 8 only.
constexpr struct {
    JSTypedArrayEnum ours;
    napi_typedarray_type theirs;
    size_t size;
} kArrayTypes[] = {
    {JS_TYPED_ARRAY_UINT8C, napi_uint8_clamped_array, 1},
    {JS_TYPED_ARRAY_INT8, napi_int8_array, 1},
    {JS_TYPED_ARRAY_UINT8, napi_uint8_array, 1},
    {JS_TYPED_ARRAY_INT16, napi_int16_array, 2},
    {JS_TYPED_ARRAY_UINT16, napi_uint16_array, 2},
    {JS_TYPED_ARRAY_INT32, napi_int32_array, 4},
    {JS_TYPED_ARRAY_UINT32, napi_uint32_array, 4},
    {JS_TYPED_ARRAY_BIG_INT64, napi_bigint64_array, 8},
    {JS_TYPED_ARRAY_BIG_UINT64, napi_biguint64_array, 8},
    {JS_TYPED_ARRAY_FLOAT32, napi_float32_array, 4},
    {JS_TYPED_ARRAY_FLOAT64, napi_float64_array, 8},
};

// The engine's way to resize (never to be asked for here) and free the memory of an ArrayBuffer.
void* resizeArrayBuffer(JSRuntime* runtime, void*, void* bytes, size_t size) {
    return js_realloc_rt(runtime, bytes, size);
}

}  // namespace

extern "C" {

// -- errors
// ----------------------------------------------------------------------------------------------------

napi_status napi_get_last_error_info(node_api_basic_env basic,
                                     const napi_extended_error_info** result) {
    auto* env = const_cast<napi_env>(basic);
    bool failed = env->last_error.error_code != napi_ok;
    env->last_error.error_message = failed ? "a Node-API function failed" : nullptr;
    *result = &env->last_error;
    return napi_ok;
}

void napi_fatal_error(const char* location, size_t location_length, const char* message,
                      size_t message_length) {
    fprintf(stderr, "ocirun: internal error: %.*s: %.*s\n",
            static_cast<int>(lengthOf(location, location_length)), location,
            static_cast<int>(lengthOf(message, message_length)), message);
    abort();
}

napi_status napi_is_exception_pending(napi_env env, bool* result) {
    *result = JS_HasException(env->context);
    return ok(env);
}

napi_status napi_get_and_clear_last_exception(napi_env env, napi_value* result) {
    if (!JS_HasException(env->context)) return napi_get_undefined(env, result);
    return give(env, JS_GetException(env->context), result);
}

napi_status napi_throw(napi_env env, napi_value error) {
    JS_Throw(env->context, JS_DupValue(env->context, valueOf(error)));
    return ok(env);
}

napi_status napi_throw_error(napi_env env, const char* code, const char* message) {
    return throwNew(env, JS_NewPlainError, code, message);
}

napi_status napi_throw_type_error(napi_env env, const char* code, const char* message) {
    return throwNew(env, JS_NewTypeError, code, message);
}

napi_status napi_create_error(napi_env env, napi_value code, napi_value message,
                              napi_value* result) {
    return newError(env, JS_NewPlainError, JS_DupValue(env->context, valueOf(message)), code,
                    result);
}

napi_status napi_create_type_error(napi_env env, napi_value code, napi_value message,
                                   napi_value* result) {
    return newError(env, JS_NewTypeError, JS_DupValue(env->context, valueOf(message)), code,
                    result);
}

// -- functions
// -------------------------------------------------------------------------------------------------

napi_status napi_create_function(napi_env env, const char* name, size_t length,
                                 napi_callback function, void* data, napi_value* result) {
    if (callback_count == kCallbacks) return ended(env, napi_generic_failure);
    (void)length;  // names are literals, so they end with a NUL
    int index = static_cast<int>(callback_count++);
    callbacks[index] = {function, data};
    return give(env,
                JS_NewCFunctionMagic(env->context, trampoline, name ? name : "", 0,
                                     JS_CFUNC_generic_magic, index),
                result);
}

napi_status napi_get_cb_info(napi_env env, napi_callback_info info, size_t* argc, napi_value* argv,
                             napi_value* self, void** data) {
    if (argc) {
        for (size_t i = 0; argv && i < *argc; i++) {
            bool given = i < static_cast<size_t>(info->argc);
            give(env, given ? JS_DupValue(env->context, info->argv[i]) : JS_UNDEFINED, &argv[i]);
        }
        *argc = static_cast<size_t>(info->argc);
    }
    if (self) give(env, JS_DupValue(env->context, info->self), self);
    if (data) *data = info->data;
    return ok(env);
}

napi_status napi_get_new_target(napi_env env, napi_callback_info, napi_value* result) {
    *result = nullptr;  // our functions are no constructors
    return ok(env);
}

// -- lifetimes
// -------------------------------------------------------------------------------------------------

napi_status napi_open_handle_scope(napi_env env, napi_handle_scope* result) {
    *result = reinterpret_cast<napi_handle_scope>(top);
    return ok(env);
}

napi_status napi_close_handle_scope(napi_env env, napi_handle_scope scope) {
    releaseDownTo(env, reinterpret_cast<JSValue*>(scope));
    return napi_ok;  // not ok(env): a scope closes on the way out of a failure that is still to be
                     // asked about
}

napi_status napi_create_reference(napi_env env, napi_value value, uint32_t count,
                                  napi_ref* result) {
    JSValueConst target = valueOf(value);
    if (!JS_IsObject(target)) return ended(env, napi_object_expected);
    *result = new napi_ref__{JS_DupValue(env->context, target), count};
    return ok(env);
}

napi_status napi_delete_reference(node_api_basic_env basic, napi_ref reference) {
    auto* env = const_cast<napi_env>(basic);
    JS_FreeValue(env->context, reference->value);
    delete reference;
    return ok(env);
}

napi_status napi_reference_ref(napi_env env, napi_ref reference, uint32_t* result) {
    reference->count++;
    if (result) *result = reference->count;
    return ok(env);
}

napi_status napi_reference_unref(napi_env env, napi_ref reference, uint32_t* result) {
    if (reference->count > 0) reference->count--;
    if (result) *result = reference->count;
    return ok(env);
}

napi_status napi_get_reference_value(napi_env env, napi_ref reference, napi_value* result) {
    return give(env, JS_DupValue(env->context, reference->value), result);
}

// -- values
// ----------------------------------------------------------------------------------------------------

napi_status napi_get_undefined(napi_env env, napi_value* result) {
    return give(env, JS_UNDEFINED, result);
}

napi_status napi_get_null(napi_env env, napi_value* result) { return give(env, JS_NULL, result); }

napi_status napi_get_global(napi_env env, napi_value* result) {
    return give(env, JS_GetGlobalObject(env->context), result);
}

napi_status napi_typeof(napi_env env, napi_value value, napi_valuetype* result) {
    *result = typeOf(env->context, valueOf(value));
    return ok(env);
}

napi_status napi_get_boolean(napi_env env, bool value, napi_value* result) {
    return give(env, JS_NewBool(env->context, value), result);
}

napi_status napi_get_value_bool(napi_env env, napi_value value, bool* result) {
    if (!JS_IsBool(valueOf(value))) return ended(env, napi_boolean_expected);
    *result = JS_VALUE_GET_BOOL(valueOf(value));
    return ok(env);
}

napi_status napi_create_double(napi_env env, double value, napi_value* result) {
    return give(env, JS_NewNumber(env->context, value), result);
}

napi_status napi_create_int32(napi_env env, int32_t value, napi_value* result) {
    return give(env, JS_NewInt32(env->context, value), result);
}

napi_status napi_create_uint32(napi_env env, uint32_t value, napi_value* result) {
    return give(env, JS_NewUint32(env->context, value), result);
}

napi_status napi_create_int64(napi_env env, int64_t value, napi_value* result) {
    return give(env, JS_NewInt64(env->context, value), result);
}

napi_status napi_get_value_double(napi_env env, napi_value value, double* result) {
    if (!JS_IsNumber(valueOf(value))) return ended(env, napi_number_expected);
    JS_ToFloat64(env->context, result, valueOf(value));
    return ok(env);
}

napi_status napi_get_value_int32(napi_env env, napi_value value, int32_t* result) {
    if (!JS_IsNumber(valueOf(value))) return ended(env, napi_number_expected);
    JS_ToInt32(env->context, result, valueOf(value));
    return ok(env);
}

napi_status napi_get_value_uint32(napi_env env, napi_value value, uint32_t* result) {
    if (!JS_IsNumber(valueOf(value))) return ended(env, napi_number_expected);
    JS_ToUint32(env->context, result, valueOf(value));
    return ok(env);
}

napi_status napi_get_value_int64(napi_env env, napi_value value, int64_t* result) {
    if (!JS_IsNumber(valueOf(value))) return ended(env, napi_number_expected);
    JS_ToInt64(env->context, result, valueOf(value));
    return ok(env);
}

napi_status napi_create_bigint_int64(napi_env env, int64_t value, napi_value* result) {
    return give(env, JS_NewBigInt64(env->context, value), result);
}

napi_status napi_create_bigint_uint64(napi_env env, uint64_t value, napi_value* result) {
    return give(env, JS_NewBigUint64(env->context, value), result);
}

napi_status napi_get_value_bigint_uint64(napi_env env, napi_value value, uint64_t* result,
                                         bool* lossless) {
    if (!JS_IsBigInt(valueOf(value))) return ended(env, napi_bigint_expected);
    JS_ToBigUint64(env->context, result, valueOf(value));
    JSValue again = JS_NewBigUint64(env->context, *result);
    *lossless = JS_IsStrictEqual(env->context, valueOf(value), again);
    JS_FreeValue(env->context, again);
    return ok(env);
}

napi_status napi_get_value_bigint_int64(napi_env env, napi_value value, int64_t* result,
                                        bool* lossless) {
    if (!JS_IsBigInt(valueOf(value))) return ended(env, napi_bigint_expected);
    JS_ToBigInt64(env->context, result, valueOf(value));
    JSValue again = JS_NewBigInt64(env->context, *result);
    *lossless = JS_IsStrictEqual(env->context, valueOf(value), again);
    JS_FreeValue(env->context, again);
    return ok(env);
}

// -- strings
// ---------------------------------------------------------------------------------------------------

napi_status napi_create_string_utf8(napi_env env, const char* text, size_t length,
                                    napi_value* result) {
    return give(env, JS_NewStringLen(env->context, text, lengthOf(text, length)), result);
}

napi_status napi_get_value_string_utf8(napi_env env, napi_value value, char* buffer, size_t size,
                                       size_t* result) {
    if (!JS_IsString(valueOf(value))) return ended(env, napi_string_expected);
    size_t length;
    const char* text = JS_ToCStringLen(env->context, &length, valueOf(value));
    if (!text) return ended(env, napi_pending_exception);
    if (buffer && size > 0) {
        length = wholeCharacters(text, length, size - 1);
        memcpy(buffer, text, length);
        buffer[length] = '\0';
    }
    JS_FreeCString(env->context, text);
    if (result) *result = length;
    return ok(env);
}

napi_status napi_get_value_string_utf16(napi_env env, napi_value value, char16_t* buffer,
                                        size_t size, size_t* result) {
    if (!JS_IsString(valueOf(value))) return ended(env, napi_string_expected);
    size_t length;
    const uint16_t* text = JS_ToCStringLenUTF16(env->context, &length, valueOf(value));
    if (!text) return ended(env, napi_pending_exception);
    if (buffer && size > 0) {
        if (length > size - 1) length = size - 1;
        memcpy(buffer, text, length * sizeof *text);
        buffer[length] = u'\0';
    }
    JS_FreeCStringUTF16(env->context, text);
    if (result) *result = length;
    return ok(env);
}

// -- objects and arrays
// ----------------------------------------------------------------------------------------

napi_status napi_create_object(napi_env env, napi_value* result) {
    return give(env, JS_NewObject(env->context), result);
}

napi_status napi_set_named_property(napi_env env, napi_value object, const char* name,
                                    napi_value value) {
    JSValue own = JS_DupValue(env->context, valueOf(value));
    return of(env, JS_SetPropertyStr(env->context, valueOf(object), name, own));
}

napi_status napi_get_named_property(napi_env env, napi_value object, const char* name,
                                    napi_value* result) {
    return give(env, JS_GetPropertyStr(env->context, valueOf(object), name), result);
}

napi_status napi_set_property(napi_env env, napi_value object, napi_value key, napi_value value) {
    JSAtom atom = JS_ValueToAtom(env->context, valueOf(key));
    JSValue own = JS_DupValue(env->context, valueOf(value));
    int set = JS_SetProperty(env->context, valueOf(object), atom, own);
    JS_FreeAtom(env->context, atom);
    return of(env, set);
}

napi_status napi_get_property(napi_env env, napi_value object, napi_value key, napi_value* result) {
    JSAtom atom = JS_ValueToAtom(env->context, valueOf(key));
    JSValue found = JS_GetProperty(env->context, valueOf(object), atom);
    JS_FreeAtom(env->context, atom);
    return give(env, found, result);
}

napi_status napi_has_property(napi_env env, napi_value object, napi_value key, bool* result) {
    JSAtom atom = JS_ValueToAtom(env->context, valueOf(key));
    int has = JS_HasProperty(env->context, valueOf(object), atom);
    JS_FreeAtom(env->context, atom);
    *result = has > 0;
    return of(env, has);
}

napi_status napi_has_own_property(napi_env env, napi_value object, napi_value key, bool* result) {
    JSAtom atom = JS_ValueToAtom(env->context, valueOf(key));
    int has = JS_GetOwnProperty(env->context, nullptr, valueOf(object), atom);
    JS_FreeAtom(env->context, atom);
    *result = has > 0;
    return of(env, has);
}

// Only what node-addon-api does with it: plain values that wrap something thrown that is no object.
napi_status napi_define_properties(napi_env env, napi_value object, size_t count,
                                   const napi_property_descriptor* properties) {
    for (size_t i = 0; i < count; i++) {
        JSValue own = JS_DupValue(env->context, valueOf(properties[i].value));
        int defined = JS_DefinePropertyValueStr(env->context, valueOf(object),
                                                properties[i].utf8name, own, JS_PROP_C_W_E);
        if (defined < 0) return ended(env, napi_pending_exception);
    }
    return ok(env);
}

napi_status napi_create_array(napi_env env, napi_value* result) {
    return give(env, JS_NewArray(env->context), result);
}

napi_status napi_create_array_with_length(napi_env env, size_t, napi_value* result) {
    // No room is set aside: the engine's arrays are fast only while they have no holes.
    return napi_create_array(env, result);
}

napi_status napi_is_array(napi_env env, napi_value value, bool* result) {
    *result = JS_IsArray(valueOf(value));
    return ok(env);
}

napi_status napi_get_array_length(napi_env env, napi_value array, uint32_t* result) {
    int64_t length = 0;
    if (!JS_IsArray(valueOf(array))) return ended(env, napi_array_expected);
    JS_GetLength(env->context, valueOf(array), &length);
    *result = static_cast<uint32_t>(length);
    return ok(env);
}

napi_status napi_get_element(napi_env env, napi_value array, uint32_t index, napi_value* result) {
    return give(env, JS_GetPropertyUint32(env->context, valueOf(array), index), result);
}

napi_status napi_set_element(napi_env env, napi_value array, uint32_t index, napi_value value) {
    JSValue own = JS_DupValue(env->context, valueOf(value));
    return of(env, JS_SetPropertyUint32(env->context, valueOf(array), index, own));
}

// -- bytes
// -----------------------------------------------------------------------------------------------------

napi_status napi_create_arraybuffer(napi_env env, size_t size, void** data, napi_value* result) {
    auto* bytes = static_cast<uint8_t*>(js_mallocz(env->context, size > 0 ? size : 1));
    if (!bytes) return ended(env, napi_pending_exception);
    if (data) *data = bytes;
    return give(env,
                JS_NewArrayBuffer(env->context, bytes, size, 0, resizeArrayBuffer, nullptr, false),
                result);
}

napi_status napi_is_arraybuffer(napi_env env, napi_value value, bool* result) {
    *result = JS_IsArrayBuffer(valueOf(value));
    return ok(env);
}

napi_status napi_get_arraybuffer_info(napi_env env, napi_value buffer, void** data, size_t* size) {
    size_t length = 0;
    uint8_t* bytes = JS_GetArrayBuffer(env->context, &length, valueOf(buffer));
    if (!bytes && JS_HasException(env->context)) {
        JS_FreeValue(env->context, JS_GetException(env->context));
        return ended(env, napi_invalid_arg);
    }
    if (data) *data = bytes;
    if (size) *size = length;
    return ok(env);
}

napi_status napi_is_typedarray(napi_env env, napi_value value, bool* result) {
    *result = JS_GetTypedArrayType(valueOf(value)) >= 0;
    return ok(env);
}

napi_status napi_create_typedarray(napi_env env, napi_typedarray_type type, size_t length,
                                   napi_value buffer, size_t offset, napi_value* result) {
    for (const auto& row : kArrayTypes) {
        if (row.theirs != type) continue;
        JSValue arguments[] = {valueOf(buffer),
                               JS_NewInt64(env->context, static_cast<int64_t>(offset)),
                               JS_NewInt64(env->context, static_cast<int64_t>(length))};
        return give(env, JS_NewTypedArray(env->context, 3, arguments, row.ours), result);
    }
    return ended(env, napi_invalid_arg);
}

napi_status napi_get_typedarray_info(napi_env env, napi_value array, napi_typedarray_type* type,
                                     size_t* length, void** data, napi_value* buffer,
                                     size_t* offset) {
    int ours = JS_GetTypedArrayType(valueOf(array));
    for (const auto& row : kArrayTypes) {
        if (row.ours != ours) continue;
        size_t start, size, element, whole;
        JSValue backing =
            JS_GetTypedArrayBuffer(env->context, valueOf(array), &start, &size, &element);
        if (JS_IsException(backing)) return ended(env, napi_pending_exception);
        uint8_t* bytes = JS_GetArrayBuffer(env->context, &whole, backing);
        if (type) *type = row.theirs;
        if (length) *length = size / row.size;
        if (data) *data = bytes ? bytes + start : nullptr;
        if (offset) *offset = start;
        if (buffer) return give(env, backing, buffer);
        JS_FreeValue(env->context, backing);
        return ok(env);
    }
    return ended(env, napi_invalid_arg);
}

}  // extern "C"

namespace ocirun {

bool loadAddon(JSContext* context, JSValueConst exports) {
    napi_env env = &the_env;
    env->context = context;
    JSValue* position = top;
    napi_value handle = nullptr;
    give(env, JS_DupValue(context, exports), &handle);
    napi_register_module_v1(env, handle);
    releaseDownTo(env, position);
    return !JS_HasException(context);
}

}  // namespace ocirun
