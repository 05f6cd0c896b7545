//! The catalogue in use: the shipped one, with what a page lays over it.

use super::convert::{field, string_field, to_js, to_json, to_value};
use super::{promise, transport};
use crate::catalog::{Catalog, Model, Resolved};
use crate::cost;
use crate::error::{Error, Result};
use crate::json::{Fields, json};
use crate::tokens::vocabulary::sha256;
use js_sys::Promise;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

thread_local! {
    static CATALOG: RefCell<Option<Rc<Catalog>>> = const { RefCell::new(None) };
    /// How often it was replaced.
    static TURN: Cell<i32> = const { Cell::new(0) };
}

/// The catalogue in use.
pub(super) fn catalog() -> Rc<Catalog> {
    CATALOG.with_borrow_mut(|held| {
        held.get_or_insert_with(|| Rc::new(Catalog::read_shipped())).clone()
    })
}

/// How often the catalogue was replaced: what was known of a name may hold no more.
pub(super) fn turn() -> i32 {
    TURN.get()
}

/// Lays a newer catalogue over the shipped one.
///
/// # Errors
/// Kind `network` where the file cannot be had; `invalid_input`, naming the entry, where it is no
/// catalogue, says what cannot be, or is not the one of `options.sha256`.
#[wasm_bindgen(js_name = loadCatalog)]
pub fn load_catalog(source: JsValue, options: JsValue) -> Promise {
    promise(async move {
        let wanted = string_field(&options, "sha256")?;
        let is_data = source.is_object()
            && field(&source, "schema").is_some()
            && transport::bytes_of(&source).is_none();
        let value = if is_data {
            if wanted.is_some() {
                return Err(Error::invalid_input(
                    "sha256: found a catalogue that is read already, wanted its bytes or address",
                ));
            }
            to_value("catalogue", &source)?
        } else {
            let bytes = transport::read_file("catalogue", source).await?;
            let found: String = sha256(&[&bytes]).iter().map(|b| format!("{b:02x}")).collect();
            if let Some(wanted) = wanted.filter(|wanted| !wanted.eq_ignore_ascii_case(&found)) {
                return Err(Error::invalid_input(format!(
                    "catalogue: found SHA-256 {found}, wanted {wanted}"
                )));
            }
            let wrong =
                |error: String| Error::invalid_input(format!("catalogue: {error}, wanted JSON"));
            let text = String::from_utf8(bytes).map_err(|error| wrong(error.to_string()))?;
            serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?
        };
        let newer = Catalog::from_value(&value)?;
        let count = newer.models().len();
        let all = Catalog::read_shipped().overlaid(&newer)?;
        let told = json!({"date": newer.date(), "models": count});
        CATALOG.set(Some(Rc::new(all)));
        TURN.set(turn() + 1);
        to_js(&told)
    })
}

/// A model as JavaScript sees it: the entry, and what the name said of it.
pub(super) fn shown(resolved: &Resolved<'_>, day: &str) -> Result<Value> {
    let mut value = to_json(resolved.model)?;
    let price = cost::price_of(resolved, Some(day)).ok();
    if let Some(fields) = value.as_object_mut() {
        fields.put("given", resolved.given.as_str().into());
        fields.put("variant", to_json(&resolved.variant)?);
        let mut shown = Value::Null;
        if let Some(priced) = price {
            shown = to_json(&cost::PriceSource::of(priced.price, resolved.catalog, Some(day)))?;
            if let Some(fields) = shown.as_object_mut() {
                fields.put("rates", to_json(&priced.rates)?);
                fields.put("notes", priced.notes.into());
            }
        }
        fields.put("price", shown);
    }
    Ok(value)
}

/// A model as a gateway lists it (`catalog` has its list), with the entry of the catalogue alone
/// (`base`) where it is known.
pub(super) fn listed(catalog: &Catalog, base: &Catalog, id: &str, day: &str) -> Result<Value> {
    let resolved = catalog.resolve(id);
    let known = base.find(id).is_some();
    let nothing = Model::unlisted(id);
    let mut value = match &resolved {
        Ok(resolved) => shown(resolved, day)?,
        Err(_) => {
            let variant = Default::default();
            shown(&Resolved { catalog, model: &nothing, given: id.to_owned(), variant }, day)?
        }
    };
    if let Some(fields) = value.as_object_mut() {
        if fields.get("lab").is_some_and(|lab| lab == "") {
            fields.put("lab", Value::Null);
        }
        fields.put("gatewayId", id.into());
        fields.put("known", known.into());
    }
    Ok(value)
}
