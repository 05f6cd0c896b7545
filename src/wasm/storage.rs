//! What outlives the page: a key-value store over IndexedDB, shared by all tabs of the origin; notes
//! to the other tabs; and which of them still live.
//!
//! One database, [`STORES`] by name, text keys, values of any kind that JavaScript can clone. A
//! [`Transaction`] is all or nothing, and IndexedDB lets those that write one store run one after
//! the other, over all tabs: reading and writing within one is safe against everybody. What
//! [`Transaction::commit`] has acknowledged is on the disk where the browser can promise it
//! ("strict" durability).
//!
//! Where there is no IndexedDB (Node, some private modes), [`Storage::open`] says so, and the caller
//! goes on in memory.
//!
//! The browser's objects are used by name, not by their bindings, and a promise's own function is
//! the listener of every event: a tenth of the size, and nothing to keep alive.

use super::convert::describe;
use super::transport::fresh_id;
use crate::error::{Error, ErrorKind, Result};
use js_sys::{Array, Function, Promise, Reflect};
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The database of this origin.
const DATABASE: &str = "promptfare";

/// Every store. A new name at the end raises the database's version by itself; none is ever taken
/// away, because an older page may be open beside this one.
pub const STORES: [&str; 3] = ["budget", "answers", "receipts"];

type Js<T = JsValue> = std::result::Result<T, JsValue>;

/// `target.method(...arguments)`.
fn call(target: &JsValue, method: &str, arguments: &[JsValue]) -> Js {
    let function: Function = Reflect::get(target, &method.into())?.dyn_into()?;
    Reflect::apply(&function, target, &arguments.iter().collect::<Array>())
}

fn get(target: &JsValue, name: &str) -> JsValue {
    Reflect::get(target, &name.into()).unwrap_or_default()
}

fn set(target: &JsValue, name: &str, value: &JsValue) {
    // Fields of the browser's own objects and of objects made here can be set.
    let _ = Reflect::set(target, &name.into(), value);
}

/// Something of the global object; undefined where there is none. Reading it may itself be refused.
fn global(name: &str) -> JsValue {
    get(&js_sys::global(), name)
}

/// `function.bind(this, argument)`.
fn bound(owner: &JsValue, method: &str, argument: &JsValue) -> JsValue {
    call(&get(owner, method), "bind", &[owner.clone(), argument.clone()]).unwrap_or_default()
}

fn named(error: &JsValue, name: &str) -> bool {
    get(error, "name").as_string().as_deref() == Some(name)
}

/// What the browser refused, of `what`.
fn failed(what: &str, error: &JsValue) -> Error {
    let text = if named(error, "QuotaExceededError") {
        format!("storage: found no room for {what}, wanted space within the browser's quota")
    } else {
        format!("storage: {what}: {}", describe(error))
    };
    Error::new(ErrorKind::Storage, text)
}

/// The next event of `target` that has one of these names. Listens from now on, also before it is
/// awaited.
fn event(target: &JsValue, names: &[&str]) -> Promise {
    Promise::new(&mut |resolve, _| {
        for name in names {
            set(target, &format!("on{name}"), &resolve);
        }
    })
}

/// Waits for a promise of [`event`]: the event's name.
async fn happened(event: Promise) -> String {
    // A promise that is only ever resolved.
    let event = JsFuture::from(event).await.unwrap_or_default();
    get(&event, "type").as_string().unwrap_or_default()
}

/// The keys of a store, in the order of their UTF-16 units.
#[derive(Clone, Copy, Debug)]
pub enum Keys<'a> {
    /// All of them.
    All,
    /// This one.
    One(&'a str),
    /// This one and those that follow.
    From(&'a str),
    /// Those that follow this one: the next page.
    After(&'a str),
    /// Those before this one.
    Before(&'a str),
    /// From the first on, up to and without the second.
    Between(&'a str, &'a str),
}

impl Keys<'_> {
    /// As an `IDBKeyRange`, or a key, or undefined for all.
    fn to_js(self) -> Js {
        let range =
            |method: &str, arguments: &[JsValue]| call(&global("IDBKeyRange"), method, arguments);
        match self {
            Self::All => Ok(JsValue::UNDEFINED),
            Self::One(key) => Ok(key.into()),
            Self::From(key) => range("lowerBound", &[key.into()]),
            Self::After(key) => range("lowerBound", &[key.into(), true.into()]),
            Self::Before(key) => range("upperBound", &[key.into(), true.into()]),
            Self::Between(from, to) => {
                range("bound", &[from.into(), to.into(), false.into(), true.into()])
            }
        }
    }
}

/// The database of this origin, open.
pub struct Storage {
    database: RefCell<JsValue>,
}

impl Storage {
    /// Opens the database, and makes what is not there yet.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] where there is none, or the browser refuses it.
    pub async fn open() -> Result<Self> {
        Ok(Self { database: RefCell::new(connect().await?) })
    }

    /// Begins a transaction on some stores. It ends by itself as soon as nothing of it is being
    /// waited for: only its own requests may be awaited before [`Transaction::commit`].
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] where the browser refuses it.
    pub async fn begin(&self, stores: &[&str], writing: bool) -> Result<Transaction> {
        let database = self.database.borrow().clone();
        let begun = match begin(&database, stores, writing) {
            // Closed: for a newer page that wanted to raise the version, or by the browser.
            Err(error) if named(&error, "InvalidStateError") => {
                let database = connect().await?;
                let begun = begin(&database, stores, writing);
                self.database.replace(database);
                begun
            }
            begun => begun,
        };
        begun.map_err(|error| failed(&stores.join(", "), &error))
    }

    /// The value of a key; `None` where there is none.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub async fn get(&self, store: &str, key: &str) -> Result<Option<JsValue>> {
        self.begin(&[store], false).await?.get(store, key).await
    }

    /// Writes one value.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`]; where the quota is full, it names the key.
    pub async fn put(&self, store: &str, key: &str, value: &JsValue) -> Result<()> {
        let transaction = self.begin(&[store], true).await?;
        transaction.put(store, key, value).await?;
        transaction.commit().await
    }

    /// Removes keys; those that are not there are no error.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub async fn delete(&self, store: &str, keys: Keys<'_>) -> Result<()> {
        let transaction = self.begin(&[store], true).await?;
        transaction.delete(store, keys).await?;
        transaction.commit().await
    }

    /// How many keys there are.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub async fn count(&self, store: &str, keys: Keys<'_>) -> Result<u32> {
        self.begin(&[store], false).await?.count(store, keys).await
    }

    /// Keys with their values, in rising order, `most` at a time; [`Keys::After`] the last one are
    /// the next.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub async fn entries(
        &self,
        store: &str,
        keys: Keys<'_>,
        most: u32,
    ) -> Result<Vec<(String, JsValue)>> {
        self.begin(&[store], false).await?.entries(store, keys, most).await
    }

    /// Reads a value, changes it and writes it, while nobody else can: no tab sees the old value
    /// in between, and nothing is written where `change` fails. `change` gives the new value, or
    /// `None` to leave the store as it is.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`]; what `change` gives.
    pub async fn update(
        &self,
        store: &str,
        key: &str,
        change: &mut dyn FnMut(Option<JsValue>) -> Result<Option<JsValue>>,
    ) -> Result<()> {
        let transaction = self.begin(&[store], true).await?;
        let old = transaction.get(store, key).await?;
        if let Some(new) = change(old)? {
            transaction.put(store, key, &new).await?;
        }
        transaction.commit().await
    }
}

async fn connect() -> Result<JsValue> {
    let factory = global("indexedDB");
    if factory.is_falsy() {
        return Err(Error::new(
            ErrorKind::Storage,
            "storage: found no IndexedDB, wanted a page or a worker of a browser that allows it",
        ));
    }
    match open(&factory, &[DATABASE.into(), (STORES.len() as u32).into()]).await {
        // A newer page was here: its stores hold these and more.
        Err(error) if named(&error, "VersionError") => open(&factory, &[DATABASE.into()]).await,
        opened => opened,
    }
    .map_err(|error| failed("the database", &error))
}

async fn open(factory: &JsValue, arguments: &[JsValue]) -> Js {
    let request = call(factory, "open", arguments)?;
    loop {
        let next = event(&request, &["upgradeneeded", "blocked", "success", "error"]);
        match happened(next).await.as_str() {
            "success" => break,
            "error" => return Err(get(&request, "error")),
            "upgradeneeded" => {
                let database = get(&request, "result");
                let names = get(&database, "objectStoreNames");
                for store in STORES {
                    if call(&names, "contains", &[store.into()])?.is_falsy() {
                        call(&database, "createObjectStore", &[store.into()])?;
                    }
                }
            }
            // Blocked by another tab, which closes as soon as it hears of it.
            _ => {}
        }
    }
    let database = get(&request, "result");
    // A newer page may raise the version: this one opens again when it next needs the database.
    set(&database, "onversionchange", &bound(&database, "close", &JsValue::UNDEFINED));
    Ok(database)
}

fn begin(database: &JsValue, stores: &[&str], writing: bool) -> Js<Transaction> {
    let names: JsValue = stores.iter().map(|name| JsValue::from(*name)).collect::<Array>().into();
    let options = js_sys::Object::new();
    set(&options, "durability", &"strict".into());
    let mode = if writing { "readwrite" } else { "readonly" };
    let inner = call(database, "transaction", &[names, mode.into(), options.into()])?;
    let end = event(&inner, &["complete", "abort"]);
    Ok(Transaction { inner, end, last: RefCell::default(), over: false })
}

/// All or nothing: dropped before [`Transaction::commit`], it leaves everything as it was.
pub struct Transaction {
    inner: JsValue,
    end: Promise,
    /// What was written last, for an error of the whole.
    last: RefCell<String>,
    over: bool,
}

impl Transaction {
    fn request(&self, store: &str, method: &str, arguments: &[JsValue]) -> Js<(JsValue, Promise)> {
        let store = call(&self.inner, "objectStore", &[store.into()])?;
        let request = call(&store, method, arguments)?;
        let event = event(&request, &["success", "error"]);
        Ok((request, event))
    }

    async fn result(request: Js<(JsValue, Promise)>) -> Js {
        let (request, event) = request?;
        match happened(event).await.as_str() {
            "success" => Ok(get(&request, "result")),
            _ => Err(get(&request, "error")),
        }
    }

    async fn ask(&self, store: &str, method: &str, arguments: Js<Vec<JsValue>>) -> Result<JsValue> {
        let request = match arguments {
            Ok(arguments) => self.request(store, method, &arguments),
            Err(error) => Err(error),
        };
        Self::result(request).await.map_err(|error| failed(store, &error))
    }

    /// The value of a key; `None` where there is none.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub async fn get(&self, store: &str, key: &str) -> Result<Option<JsValue>> {
        let found = self.ask(store, "get", Ok(vec![key.into()])).await?;
        Ok(Some(found).filter(|value| !value.is_undefined()))
    }

    /// Writes one value.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`]; where the quota is full, it names the key.
    pub async fn put(&self, store: &str, key: &str, value: &JsValue) -> Result<()> {
        let what = format!("{key:?} of {store}");
        let request = self.request(store, "put", &[value.clone(), key.into()]);
        let done = Self::result(request).await;
        let done = done.map(drop).map_err(|error| failed(&what, &error));
        self.last.replace(what);
        done
    }

    /// Writes one value without waiting for it: where it fails, [`Transaction::commit`] does.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub fn place(&self, store: &str, key: &str, value: &JsValue) -> Result<()> {
        let put = call(&self.inner, "objectStore", &[store.into()])
            .and_then(|store| call(&store, "put", &[value.clone(), key.into()]));
        put.map(drop).map_err(|error| failed(store, &error))
    }

    /// Names what is written, for an error of the whole.
    pub fn call_it(&self, what: String) {
        self.last.replace(what);
    }

    /// Keys in rising order, `most` at a time.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub async fn keys(&self, store: &str, keys: Keys<'_>, most: u32) -> Result<Vec<String>> {
        let arguments = keys.to_js().map(|range| vec![range, most.into()]);
        let names: Array = self.ask(store, "getAllKeys", arguments).await?.unchecked_into();
        Ok(names.iter().map(|name| name.as_string().unwrap_or_default()).collect())
    }

    /// Removes keys; those that are not there are no error.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub async fn delete(&self, store: &str, keys: Keys<'_>) -> Result<()> {
        let (method, range) = match keys {
            Keys::All => ("clear", Ok(Vec::new())),
            keys => ("delete", keys.to_js().map(|range| vec![range])),
        };
        self.ask(store, method, range).await.map(drop)
    }

    /// How many keys there are.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub async fn count(&self, store: &str, keys: Keys<'_>) -> Result<u32> {
        let count = self.ask(store, "count", keys.to_js().map(|range| vec![range])).await?;
        Ok(count.as_f64().unwrap_or_default() as u32)
    }

    /// Keys with their values, in rising order, `most` at a time; [`Keys::After`] the last one are
    /// the next.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`].
    pub async fn entries(
        &self,
        store: &str,
        keys: Keys<'_>,
        most: u32,
    ) -> Result<Vec<(String, JsValue)>> {
        let wrong = |error: JsValue| failed(store, &error);
        let arguments = [keys.to_js().map_err(wrong)?, most.into()];
        // Both are asked for before either is awaited.
        let names = self.request(store, "getAllKeys", &arguments);
        let values = self.request(store, "getAll", &arguments);
        let names: Array = Self::result(names).await.map_err(wrong)?.unchecked_into();
        let values: Array = Self::result(values).await.map_err(wrong)?.unchecked_into();
        let text = |name: JsValue| name.as_string().unwrap_or_default();
        Ok(names.iter().map(text).zip(values.iter()).collect())
    }

    /// Ends it. Afterwards it is on the disk, where the browser can promise that.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`]: nothing of it was written.
    pub async fn commit(mut self) -> Result<()> {
        self.over = true;
        // Older browsers have no commit and end it by themselves.
        let _ = call(&self.inner, "commit", &[]);
        match happened(self.end.clone()).await.as_str() {
            "complete" => Ok(()),
            _ => {
                let last = self.last.borrow();
                let what = if last.is_empty() { "the transaction" } else { last.as_str() };
                Err(failed(what, &get(&self.inner, "error")))
            }
        }
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.over {
            // One that only read has ended by itself, or ends here: it is the same.
            let _ = call(&self.inner, "abort", &[]);
        }
    }
}

/// When to read what other tabs wrote: many notes at once are one reading, or two.
#[derive(Default)]
pub struct Readings {
    /// Whether one is under way, and whether a note came meanwhile.
    state: Cell<(bool, bool)>,
}

impl Readings {
    /// A note came: whether to begin reading.
    pub fn asked(&self) -> bool {
        let (reading, _) = self.state.get();
        self.state.set((true, reading));
        !reading
    }

    /// After a reading: whether to read once more.
    pub fn again(&self) -> bool {
        let (_, again) = self.state.get();
        self.state.set((again, false));
        again
    }
}

/// Notes between the tabs of an origin: that something changed, not what.
pub struct Notes {
    channel: JsValue,
    _listener: Closure<dyn FnMut()>,
}

impl Notes {
    /// Listens to the notes of other tabs about `topic`; `None` where tabs cannot write to each
    /// other.
    pub fn about(topic: &str, on_note: impl FnMut() + 'static) -> Option<Self> {
        let class: Function = global("BroadcastChannel").dyn_into().ok()?;
        let name = JsValue::from(format!("{DATABASE}:{topic}"));
        let channel = Reflect::construct(&class, &Array::of1(&name)).ok()?;
        let listener: Closure<dyn FnMut()> = Closure::new(on_note);
        set(&channel, "onmessage", listener.as_ref());
        Some(Self { channel, _listener: listener })
    }

    /// Tells the other tabs. This one does not hear it.
    pub fn tell(&self) {
        let _ = call(&self.channel, "postMessage", &[JsValue::NULL]);
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        let _ = call(&self.channel, "close", &[]);
    }
}

thread_local! {
    static PAGE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// This page's own name, and the sign that it lives: it holds a lock of that name until it dies.
pub fn page_id() -> String {
    if let Some(id) = PAGE.with_borrow(Clone::clone) {
        return id;
    }
    let id = fresh_id("page");
    PAGE.with_borrow_mut(|page| *page = Some(id.clone()));
    let name = JsValue::from(format!("{DATABASE}:{id}"));
    // The lock is held until this promise settles, and it never does. `Promise.resolve` gives a
    // promise back as it is, so bound to it, it is the function that the lock wants.
    let never = Promise::new(&mut |_, _| {});
    let class = global("Promise");
    let hold = bound(&class, "resolve", &never);
    if let Ok(held) = call(&get(&global("navigator"), "locks"), "request", &[name, hold]) {
        // Refused, as for a page without an origin of its own: then nobody sees that it lives.
        let _ = call(&held, "catch", &[bound(&class, "resolve", &JsValue::UNDEFINED)]);
    }
    id
}

/// The names of the pages of this origin that live; `None` where that cannot be known.
pub async fn living_pages() -> Option<Vec<String>> {
    let own = page_id();
    let asked = call(&get(&global("navigator"), "locks"), "query", &[]).ok()?;
    let found = JsFuture::from(asked.dyn_into::<Promise>().ok()?).await.ok()?;
    let mut pages = Vec::new();
    for list in ["held", "pending"] {
        for lock in Array::from(&get(&found, list)).iter() {
            let name = get(&lock, "name").as_string().unwrap_or_default();
            if let Some(id) = name.strip_prefix(DATABASE).and_then(|id| id.strip_prefix(':')) {
                pages.push(id.to_owned());
            }
        }
    }
    // Where even this page's own lock is missing, missing says nothing.
    pages.contains(&own).then_some(pages)
}
