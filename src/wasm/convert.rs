//! JavaScript values in, JavaScript values out.

use crate::error::{Error, ErrorKind, Result, Shortage};
use crate::json::Fields;
use js_sys::{Array, JSON, Object, Reflect};
use serde::Serialize;
use serde_json::{Map, Number, Value};
use wasm_bindgen::{JsCast, JsValue};

/// Deeper than any request, shallower than the stack: a value that refers to itself ends here.
const DEEPEST: usize = 128;

/// Reads a JavaScript value as `JSON.stringify` would write it: `undefined` and functions are left
/// out of objects, `toJSON` is obeyed. Unlike it, lone surrogates become U+FFFD, and a value that
/// refers to itself is an error with a name.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where `what` is deeper than 128 levels, or holds what JSON has no
/// word for (a bigint, a symbol).
pub fn to_value(what: &str, value: &JsValue) -> Result<Value> {
    read(what, value, 0)
}

/// The same for data that this module once gave, and gets back: as one text, which is faster than a
/// call for each field.
///
/// # Errors
/// As [`to_value`].
pub fn to_value_again(what: &str, value: &JsValue) -> Result<Value> {
    let text = JSON::stringify(value).ok().and_then(|text| text.as_string());
    match text.and_then(|text| serde_json::from_str(&text).ok()) {
        Some(value) => Ok(value),
        None => to_value(what, value),
    }
}

fn read(what: &str, value: &JsValue, depth: usize) -> Result<Value> {
    if depth > DEEPEST {
        return Err(Error::invalid_input(format!(
            "{what}: deeper than {DEEPEST} levels, or it contains itself"
        )));
    }
    if value.is_null() || value.is_undefined() {
        return Ok(Value::Null);
    }
    if let Some(text) = value.as_string() {
        return Ok(Value::String(text));
    }
    if let Some(flag) = value.as_bool() {
        return Ok(Value::Bool(flag));
    }
    if let Some(number) = value.as_f64() {
        return Ok(read_number(number));
    }
    if value.is_bigint() || value.is_symbol() || value.is_function() {
        let kind = value.js_typeof().as_string().unwrap_or_default();
        return Err(Error::invalid_input(format!(
            "{what}: found a {kind}, wanted a value of JSON"
        )));
    }
    let to_json = Reflect::get(value, &"toJSON".into()).ok().filter(JsValue::is_function);
    if let Some(function) = to_json {
        let function: js_sys::Function = function.unchecked_into();
        let written = function.call0(value).map_err(|error| from_js(what, &error))?;
        return read(what, &written, depth + 1);
    }
    if Array::is_array(value) {
        let items: &Array = value.unchecked_ref();
        return items.iter().map(|item| read(what, &item, depth + 1)).collect();
    }
    let mut fields = Map::new();
    for entry in Object::entries(value.unchecked_ref()) {
        let entry: Array = entry.unchecked_into();
        let (name, item) = (entry.get(0), entry.get(1));
        if !item.is_undefined() && !item.is_function() {
            fields.insert(name.as_string().unwrap_or_default(), read(what, &item, depth + 1)?);
        }
    }
    Ok(Value::Object(fields))
}

/// Whole numbers stay whole, so that they are written as JavaScript writes them (`1`, not `1.0`).
fn read_number(number: f64) -> Value {
    const SAFE: f64 = 9_007_199_254_740_991.0;
    if number.fract() == 0.0 && number.abs() <= SAFE {
        return Value::from(number as i64);
    }
    // NaN and infinity are null in JSON.
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

/// A value as JSON: structs and maps as objects, `None` as null.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] for what JSON has no word for.
pub fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::invalid_input(error.to_string()))
}

/// Writes JSON for JavaScript. All results go through here: a writer for each kind of result would
/// be most of the module.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] for a number that JavaScript cannot hold exactly.
pub fn to_js(value: &Value) -> Result<JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(|error| Error::invalid_input(error.to_string()))
}

/// A real `Error` for JavaScript, with the fields of `PromptfareError`.
pub fn error_to_js(error: &Error) -> JsValue {
    let value = js_sys::Error::new(error.message());
    value.set_name("PromptfareError");
    let set = |name: &str, field: JsValue| {
        // Setting a field of an object made here cannot fail.
        let _ = Reflect::set(&value, &name.into(), &field);
    };
    set("kind", error.kind().name().into());
    if let Some(status) = error.status() {
        set("status", status.into());
    }
    if let Some(id) = error.request_id() {
        set("requestId", id.into());
    }
    if let Some(ms) = error.retry_after_ms() {
        set("retryAfterMs", (ms as f64).into());
    }
    if let Some(short) = error.shortage() {
        let numbers = shortage(short);
        set("shortage", to_js(&numbers).unwrap_or_default());
    }
    if error.kind() == ErrorKind::UnknownModel {
        set("nearest", error.nearest().iter().map(JsValue::from).collect::<Array>().into());
    }
    value.into()
}

/// The numbers of a budget that is too small, for JavaScript.
pub fn shortage(short: &Shortage) -> Value {
    let mut fields = Map::new();
    fields.put("cap", short.cap.into());
    for (name, amount) in Shortage::NAMES.iter().zip(&short.amounts) {
        fields.insert((*name).to_owned(), amount.as_str().into());
    }
    Value::Object(fields)
}

/// What the other module threw: an error of ours with its kind again, anything else in words.
pub fn error_from_js(what: &str, thrown: &JsValue) -> Error {
    let kind = string_field(thrown, "kind").ok().flatten();
    let Some(kind) = kind.and_then(|name| ErrorKind::by_name(&name)) else {
        return from_js(what, thrown);
    };
    let error = Error::new(kind, describe(thrown));
    match field(thrown, "nearest").map(|names| to_value_again("nearest", &names)) {
        Some(Ok(Value::Array(names))) => {
            let mut nearest = Vec::new();
            for name in &names {
                nearest.extend(name.as_str().map(str::to_owned));
            }
            error.with_nearest(nearest)
        }
        _ => error,
    }
}

/// What JavaScript threw, as an error of ours.
pub fn from_js(what: &str, thrown: &JsValue) -> Error {
    Error::invalid_input(format!("{what}: {}", describe(thrown)))
}

/// A thrown value in words: an error's message, or the value as JSON.
pub fn describe(thrown: &JsValue) -> String {
    if let Some(error) = thrown.dyn_ref::<js_sys::Error>() {
        return String::from(error.message());
    }
    thrown
        .as_string()
        .or_else(|| JSON::stringify(thrown).ok().map(String::from))
        .unwrap_or_else(|| "an unknown error".to_owned())
}

/// Reads a field of an options object; `None` where there is no object or no such field.
pub fn field(options: &JsValue, name: &str) -> Option<JsValue> {
    if !options.is_object() {
        return None;
    }
    Reflect::get(options, &name.into()).ok().filter(|v| !v.is_undefined() && !v.is_null())
}

/// Reads a string field.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where the field is something else.
pub fn string_field(options: &JsValue, name: &str) -> Result<Option<String>> {
    match field(options, name) {
        None => Ok(None),
        Some(value) => value.as_string().map(Some).ok_or_else(|| wrong(name, &value, "a string")),
    }
}

/// Reads a field that is true or false.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where the field is something else.
pub fn flag_field(options: &JsValue, name: &str) -> Result<Option<bool>> {
    match field(options, name) {
        None => Ok(None),
        Some(value) => {
            value.as_bool().map(Some).ok_or_else(|| wrong(name, &value, "true or false"))
        }
    }
}

/// Reads a number field that is whole and not negative.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where the field is something else.
pub fn count_field(options: &JsValue, name: &str) -> Result<Option<u64>> {
    match field(options, name) {
        None => Ok(None),
        Some(value) => match value.as_f64() {
            Some(number) if number >= 0.0 && number.fract() == 0.0 => Ok(Some(number as u64)),
            _ => Err(wrong(name, &value, "a whole number, 0 or more")),
        },
    }
}

/// Reads a `Date` field (or milliseconds since 1970).
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where the field is something else or no valid date.
pub fn date_field(options: &JsValue, name: &str) -> Result<Option<f64>> {
    match field(options, name) {
        None => Ok(None),
        Some(value) => value
            .dyn_ref::<js_sys::Date>()
            .map(js_sys::Date::get_time)
            .or_else(|| value.as_f64())
            .filter(|ms| ms.is_finite())
            .map(Some)
            .ok_or_else(|| wrong(name, &value, "a valid Date")),
    }
}

/// An option of another kind than was wanted.
pub fn wrong(name: &str, found: &JsValue, wanted: &str) -> Error {
    let shown = match found.as_string() {
        Some(text) => format!("{text:?}"),
        None => describe(found),
    };
    Error::new(ErrorKind::InvalidInput, format!("{name}: found {shown}, wanted {wanted}"))
}
