//! The exports. The only module that knows JavaScript.
//!
//! There are two WebAssembly modules of one crate, each built by its feature: `core` is `promptfare`,
//! `workshop` is `promptfare/workshop`, which a page loads only when it wants it. What neither face
//! reaches is left out by the linker.

// What both share is more than one of them uses.
#![cfg_attr(not(all(feature = "core", feature = "workshop")), allow(dead_code))]

mod convert;

#[cfg(feature = "core")]
mod answer;
#[cfg(feature = "core")]
mod answers;
#[cfg(feature = "core")]
mod budget;
#[cfg(feature = "core")]
mod catalog;
#[cfg(feature = "core")]
mod client;
#[cfg(feature = "core")]
mod count;
#[cfg(feature = "core")]
mod counter;
#[cfg(feature = "core")]
mod endpoint;
#[cfg(feature = "core")]
mod face;
#[cfg(feature = "core")]
mod gate;
#[cfg(feature = "core")]
mod guard;
#[cfg(feature = "core")]
mod ledger;
#[cfg(feature = "core")]
mod models;
#[cfg(feature = "core")]
mod pump;
#[cfg(feature = "core")]
mod quick;
#[cfg(feature = "core")]
mod ride;
#[cfg(feature = "core")]
mod routing;
#[cfg(feature = "core")]
mod sink;
#[cfg(feature = "core")]
pub mod storage;
#[cfg(feature = "core")]
mod ticket;
#[cfg(feature = "core")]
mod transport;

#[cfg(feature = "workshop")]
pub mod workshop;

#[cfg(feature = "core")]
pub use self::{
    answer::{Answer, Pieces},
    catalog::load_catalog,
    client::Client,
    counter::LiveCounter,
    face::*,
};

use crate::error::Result;
use convert::{error_to_js, to_js};
#[cfg(feature = "core")]
use face::{
    answer_tokens, candidates_of, day, horizon, names, read_prompt, read_request, vocabularies,
};
use serde_json::Value;
#[cfg(feature = "core")]
use std::pin::Pin;
use wasm_bindgen::JsValue;

type Js<T = JsValue> = std::result::Result<T, JsValue>;

fn thrown<T>(result: Result<T>) -> Js<T> {
    result.map_err(|error| error_to_js(&error))
}

fn give(result: Result<Value>) -> Js {
    thrown(result.and_then(|value| to_js(&value)))
}

/// What is still to be done. In a box: what drives it is then compiled once, not for each kind.
#[cfg(feature = "core")]
type Work<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// A promise of what is still to be done; it is rejected where that fails.
#[cfg(feature = "core")]
fn promise(work: impl Future<Output = Result<JsValue>> + 'static) -> js_sys::Promise {
    let work: Work<'static, _> = Box::pin(work);
    promise_of(work)
}

#[cfg(feature = "core")]
fn promise_of(work: Work<'static, Result<JsValue>>) -> js_sys::Promise {
    wasm_bindgen_futures::future_to_promise(async { thrown(work.await) })
}

/// Does what nobody waits for.
#[cfg(feature = "core")]
fn spawn(work: impl Future<Output = ()> + 'static) {
    let work: Work<'static, ()> = Box::pin(work);
    wasm_bindgen_futures::spawn_local(work);
}
