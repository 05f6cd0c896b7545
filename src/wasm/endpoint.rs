//! Where requests go: addresses, their profiles, their keys, their shares.

use super::convert::{describe, field, string_field, to_value};
use super::transport::Stop;
use crate::error::{Error, ErrorKind, Result};
use crate::gateway::{Profile, Secret, shown_url};
use js_sys::Array;
use wasm_bindgen::prelude::*;

/// One place that answers.
pub(super) struct Endpoint {
    /// Its base address; where several have the same one, with a number.
    pub(super) name: String,
    pub(super) profile: Profile,
    pub(super) key: Key,
    /// Its share of the requests.
    pub(super) weight: f64,
}

/// Reads the client's `baseUrl` and `endpoints`: the first of them, and the others.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] where there is none, or one is not acceptable.
pub(super) fn read_all(options: &JsValue) -> Result<(Endpoint, Vec<Endpoint>)> {
    let mut all = Vec::new();
    if let Some(base) = string_field(options, "baseUrl")? {
        all.push(Endpoint::read(base, options, options)?);
    }
    if let Some(list) = field(options, "endpoints") {
        if !Array::is_array(&list) {
            return Err(Error::invalid_input("endpoints: wanted a list of { baseUrl, ... }"));
        }
        for one in Array::from(&list).iter() {
            let base = string_field(&one, "baseUrl")?.ok_or_else(|| {
                Error::invalid_input("endpoints: found one without baseUrl, wanted an address")
            })?;
            all.push(Endpoint::read(base, &one, options)?);
        }
    }
    let mut names: Vec<String> = Vec::new();
    for one in &mut all {
        // Two accounts of one gateway are two places: each cools down for itself.
        let same = names.iter().filter(|name| **name == one.name).count();
        names.push(one.name.clone());
        if same > 0 {
            one.name.push_str(&format!(" ({})", same + 1));
        }
    }
    let mut all = all.into_iter();
    let first = all
        .next()
        .ok_or_else(|| Error::invalid_input("baseUrl: found nothing, wanted an address"))?;
    Ok((first, all.collect()))
}

impl Endpoint {
    fn read(base: String, one: &JsValue, options: &JsValue) -> Result<Self> {
        let mut profile = match field(one, "profile") {
            None => Profile::for_base_url(&base)?,
            Some(value) => match value.as_string() {
                Some(id) => Profile::by_id(&id)?,
                None => Profile::from_value(&to_value("profile", &value)?)?,
            },
        };
        profile.base_url = Some(base.clone());
        // Wrong addresses are told now, not at the first send.
        profile.chat_url()?;
        let weight = match field(one, "weight") {
            None => 1.0,
            Some(value) => value
                .as_f64()
                .filter(|weight| *weight > 0.0 && weight.is_finite())
                .ok_or_else(|| {
                    let found = describe(&value);
                    Error::invalid_input(format!("weight: found {found}, wanted a number above 0"))
                })?,
        };
        let name = shown_url(&base).to_owned();
        Ok(Self { name, profile, key: Key::read(one, options)?, weight })
    }
}

/// Where the key comes from. It is never stored, and never shown.
#[derive(Clone)]
pub(super) enum Key {
    /// None: a same-origin proxy has it.
    None,
    /// The caller's string, in memory only.
    Held(Secret),
    /// Asked for before each request.
    Callback(js_sys::Function),
}

impl Key {
    /// Reads `apiKey` of `options`; whether a string is allowed stands in `client`.
    fn read(options: &JsValue, client: &JsValue) -> Result<Self> {
        let Some(value) = field(options, "apiKey") else {
            return Ok(Self::None);
        };
        if let Some(function) = value.dyn_ref::<js_sys::Function>() {
            return Ok(Self::Callback(function.clone()));
        }
        let Some(text) = value.as_string() else {
            return Err(Error::invalid_input(
                "apiKey: wanted a string or a function that gives one",
            ));
        };
        if !field(client, "allowKeyInPage").is_some_and(|flag| flag.is_truthy()) {
            return Err(Error::invalid_input(
                "apiKey: a string is a long-lived key that every script of the page can read; use a same-origin proxy or a callback that gives short-lived keys, or say allowKeyInPage: true",
            ));
        }
        Ok(Self::Held(Secret::new(text)?))
    }

    /// The key for one request; none where `stop` came first.
    pub(super) async fn get(&self, stop: &Stop) -> Result<Option<Secret>> {
        let function = match self {
            Self::None => return Ok(None),
            Self::Held(secret) => return Ok(Some(secret.clone())),
            Self::Callback(function) => function,
        };
        let failed = |_| {
            // What a callback throws may hold the key itself.
            Error::new(ErrorKind::Authentication, "apiKey: the callback failed to give a key")
        };
        let given = function.call0(&JsValue::UNDEFINED).map_err(failed)?;
        let given = match given.dyn_into::<js_sys::Promise>() {
            Ok(promise) => stop.race(&promise).await.map_err(failed)?,
            Err(value) => value,
        };
        if stop.cause().is_some() {
            return Ok(None);
        }
        let text = given.as_string().ok_or_else(|| {
            Error::new(ErrorKind::Authentication, "apiKey: the callback gave no string")
        })?;
        Secret::new(text).map(Some)
    }
}
