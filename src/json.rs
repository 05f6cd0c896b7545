//! Writing JSON, at a page's price. Like `serde_json::json!`, where each value costs a check that cannot
//! fail and each name a text made in place: together a twentieth of the module's code.

use serde::Serialize;
use serde_json::{Map, Value};

/// A value as JSON; null for what JSON has no word for (a map whose keys are no texts: there is none
/// in this crate).
#[inline(never)]
pub(crate) fn value<T: Serialize + ?Sized>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// An object's fields.
pub(crate) trait Fields {
    /// Sets a field, in the place of one of that name or at the end.
    fn put(&mut self, name: &str, value: Value);
}

impl Fields for Map<String, Value> {
    #[inline(never)]
    fn put(&mut self, name: &str, value: Value) {
        self.insert(name.to_owned(), value);
    }
}

/// A JSON value from its notation: `json!({"name": expression, "inner": {"flag": true}})`.
macro_rules! json {
    (null) => { serde_json::Value::Null };
    ([$($items:tt)*]) => { serde_json::json!([$($items)*]) };
    ({$($fields:tt)*}) => {{
        #[allow(unused_mut)] // Of an empty object.
        let mut object = serde_json::Map::new();
        $crate::json::json!(@of object $($fields)*);
        serde_json::Value::Object(object)
    }};
    (@of $object:ident) => {};
    (@of $object:ident $name:tt: null $(, $($rest:tt)*)?) => {
        $crate::json::Fields::put(&mut $object, $name, serde_json::Value::Null);
        $crate::json::json!(@of $object $($($rest)*)?);
    };
    (@of $object:ident $name:tt: {$($inner:tt)*} $(, $($rest:tt)*)?) => {
        $crate::json::Fields::put(&mut $object, $name, $crate::json::json!({$($inner)*}));
        $crate::json::json!(@of $object $($($rest)*)?);
    };
    (@of $object:ident $name:tt: [$($inner:tt)*] $(, $($rest:tt)*)?) => {
        $crate::json::Fields::put(&mut $object, $name, serde_json::json!([$($inner)*]));
        $crate::json::json!(@of $object $($($rest)*)?);
    };
    (@of $object:ident $name:tt: $value:expr $(, $($rest:tt)*)?) => {
        $crate::json::Fields::put(&mut $object, $name, $crate::json::value(&$value));
        $crate::json::json!(@of $object $($($rest)*)?);
    };
    ($value:expr) => { $crate::json::value(&$value) };
}

pub(crate) use json;
