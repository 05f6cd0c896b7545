//! The network: one streaming fetch, its timeouts, its abort. What the bytes mean is none of its
//! business.
//!
//! gloo-net builds the request; the fetch itself is awaited here, because gloo-net 0.7 panics when
//! a fetch rejects with something that is no `Error`, as an abort with a reason of the caller's may.
//! For the same reason fetch gets an `AbortController` of our own, which is only ever aborted with
//! an `Error`; the caller's reason is kept beside it.

use super::convert::describe;
use super::pump::{Take, pour};
use crate::error::{Error, ErrorKind, Result};
use gloo_net::http::{Method, RequestBuilder};
use js_sys::{Function, Promise, Uint8Array};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, AbortSignal, ReadableStreamDefaultReader, RequestRedirect, Response,
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetch)]
    fn fetch(request: &web_sys::Request) -> std::result::Result<Promise, JsValue>;
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(function: &Function, ms: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
}

/// Waits `ms` milliseconds, or until `stop` is stopped.
pub async fn sleep(ms: f64, stop: &Stop) {
    let promise = Promise::new(&mut |resolve, _| {
        set_timeout(&resolve, ms);
        stop.on_stop(resolve);
    });
    // A promise that is only ever resolved.
    let _ = JsFuture::from(promise).await;
}

/// Runs a function after a time, unless dropped before.
pub struct Timer {
    clock: Rc<Clock>,
    _function: Closure<dyn FnMut()>,
}

#[derive(Default)]
struct Clock {
    id: RefCell<JsValue>,
    function: RefCell<Option<Function>>,
}

impl Clock {
    fn set(&self, ms: f64) {
        if let Some(function) = &*self.function.borrow() {
            // A longer time than this fires at once.
            self.id.replace(set_timeout(function, ms.min(2_147_483_647.0)));
        }
    }
}

impl Timer {
    /// Runs `function` after `ms` milliseconds, and again after as many as it answers. None for 0.
    pub fn new(ms: u64, mut function: impl FnMut() -> Option<f64> + 'static) -> Option<Self> {
        if ms == 0 {
            return None;
        }
        let clock = Rc::new(Clock::default());
        let own = clock.clone();
        let function: Closure<dyn FnMut()> = Closure::new(move || {
            if let Some(ms) = function() {
                own.set(ms);
            }
        });
        clock.function.replace(Some(function.as_ref().clone().unchecked_into()));
        clock.set(ms as f64);
        Some(Self { clock, _function: function })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.clock.id.take());
        self.clock.function.take();
    }
}

/// Why a request was stopped from this side.
#[derive(Clone, Debug)]
pub enum Cause {
    /// By the caller's signal, with its reason, whatever that is.
    Signal(JsValue),
    /// By leaving the loop.
    Left,
    /// By a time limit.
    TimedOut(Error),
}

/// One switch that stops whatever runs under it, once.
#[derive(Clone, Default)]
pub struct Stop {
    inner: Rc<StopInner>,
}

/// The caller's signal, and what listens to it.
type Listener = (AbortSignal, Closure<dyn FnMut()>);

#[derive(Default)]
struct StopInner {
    cause: RefCell<Option<Cause>>,
    waiting: RefCell<Vec<Function>>,
    controller: RefCell<Option<AbortController>>,
    listener: RefCell<Option<Listener>>,
}

impl Stop {
    /// A switch that the caller's signal operates too.
    pub fn new(signal: Option<AbortSignal>) -> Self {
        let stop = Self::default();
        if let Some(signal) = signal {
            if signal.aborted() {
                stop.stop(Cause::Signal(signal.reason()));
            } else {
                // A weak reference: the signal may live as long as the page.
                let inner = Rc::downgrade(&stop.inner);
                let observed = signal.clone();
                let listener: Closure<dyn FnMut()> = Closure::new(move || {
                    if let Some(inner) = inner.upgrade() {
                        Stop { inner }.stop(Cause::Signal(observed.reason()));
                    }
                });
                let _ = signal
                    .add_event_listener_with_callback("abort", listener.as_ref().unchecked_ref());
                stop.inner.listener.replace(Some((signal, listener)));
            }
        }
        stop
    }

    /// Stops; the first cause stays.
    pub fn stop(&self, cause: Cause) {
        if self.inner.cause.borrow().is_some() {
            return;
        }
        self.inner.cause.replace(Some(cause));
        if let Some(controller) = self.inner.controller.take() {
            controller.abort_with_reason(&js_sys::Error::new("stopped by promptfare"));
        }
        for function in self.inner.waiting.take() {
            let _ = function.call0(&JsValue::UNDEFINED);
        }
    }

    /// Why it was stopped.
    pub fn cause(&self) -> Option<Cause> {
        self.inner.cause.borrow().clone()
    }

    /// A time limit belongs to one attempt: the next one starts afresh.
    pub fn forget_timeout(&self) {
        let timed_out = matches!(*self.inner.cause.borrow(), Some(Cause::TimedOut(_)));
        if timed_out {
            self.inner.cause.replace(None);
        }
    }

    /// Lets go of the caller's signal.
    pub fn release(&self) {
        if let Some((signal, listener)) = self.inner.listener.take() {
            let _ = signal
                .remove_event_listener_with_callback("abort", listener.as_ref().unchecked_ref());
        }
        self.inner.waiting.take();
    }

    /// Waits for a promise, or until it is stopped: then the value is undefined.
    ///
    /// # Errors
    /// What the promise is rejected with.
    pub async fn race(&self, promise: &Promise) -> std::result::Result<JsValue, JsValue> {
        let stopped = Promise::new(&mut |resolve, _| self.on_stop(resolve));
        JsFuture::from(Promise::race(&js_sys::Array::of2(promise, &stopped))).await
    }

    /// Calls `function` when it is stopped, or now if it is already.
    pub fn on_stop(&self, function: Function) {
        if self.inner.cause.borrow().is_some() {
            let _ = function.call0(&JsValue::UNDEFINED);
        } else {
            self.inner.waiting.borrow_mut().push(function);
        }
    }

    /// The signal for one fetch.
    fn fresh_signal(&self) -> Result<AbortSignal> {
        let controller = AbortController::new()
            .map_err(|error| Error::new(ErrorKind::Unsupported, describe(&error)))?;
        let signal = controller.signal();
        if self.inner.cause.borrow().is_some() {
            controller.abort_with_reason(&js_sys::Error::new("stopped by promptfare"));
        }
        self.inner.controller.replace(Some(controller));
        Ok(signal)
    }
}

/// Time limits of one attempt, in milliseconds; 0 is none.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Until the response's headers.
    pub first_byte_ms: u64,
    /// Between two reads of the body.
    pub idle_ms: u64,
    /// All in all.
    pub total_ms: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { first_byte_ms: 60_000, idle_ms: 60_000, total_ms: 600_000 }
    }
}

/// How a request failed before or while its body was read.
#[derive(Debug)]
pub enum Failure {
    /// Stopped from this side; the cause stands in [`Stop::cause`].
    Stopped,
    /// The network: what the browser says of it, which is little.
    Network(String),
    /// What cannot even be asked for.
    Invalid(Error),
}

/// A response whose body is still to come.
pub struct Opened {
    response: Response,
    reader: Option<ReadableStreamDefaultReader>,
    stop: Stop,
    idle_ms: u64,
    _total: Option<Timer>,
}

/// Sends one request and waits for the response's headers.
///
/// # Errors
/// A [`Failure`]; an HTTP status is none.
pub async fn open(
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: Option<&str>,
    timeouts: Timeouts,
    stop: &Stop,
) -> std::result::Result<Opened, Failure> {
    if stop.cause().is_some() {
        return Err(Failure::Stopped);
    }
    let signal = stop.fresh_signal().map_err(Failure::Invalid)?;
    let total = limit(stop, timeouts.total_ms, "the whole answer");
    let first = limit(stop, timeouts.first_byte_ms, "the first byte");
    let request = build(method, url, headers, body, &signal).map_err(Failure::Invalid)?;
    let fetched = match fetch(&request) {
        Ok(promise) => stop.race(&promise).await,
        Err(error) => Err(error),
    };
    drop(first);
    let response = match fetched {
        _ if stop.cause().is_some() => return Err(Failure::Stopped),
        Ok(value) => value
            .dyn_into::<Response>()
            .map_err(|other| Failure::Network(format!("fetch gave {}", describe(&other))))?,
        Err(error) => return Err(Failure::Network(describe(&error))),
    };
    if response.type_() == web_sys::ResponseType::Opaqueredirect {
        return Err(Failure::Invalid(Error::new(
            ErrorKind::Protocol,
            "the gateway answered with a redirect: it is not followed, because the prompt and the key would go with it; put the final address into baseUrl",
        )));
    }
    let reader = match response.body() {
        Some(body) => Some(
            ReadableStreamDefaultReader::new(&body)
                .map_err(|error| Failure::Network(describe(&error)))?,
        ),
        None => None,
    };
    Ok(Opened { response, reader, stop: stop.clone(), idle_ms: timeouts.idle_ms, _total: total })
}

fn limit(stop: &Stop, ms: u64, what: &'static str) -> Option<Timer> {
    let stop = stop.clone();
    Timer::new(ms, move || {
        let text = format!("{what} did not come within {ms} ms");
        stop.stop(Cause::TimedOut(Error::new(ErrorKind::Timeout, text)));
        None
    })
}

fn build(
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: Option<&str>,
    signal: &AbortSignal,
) -> Result<web_sys::Request> {
    let mut builder = RequestBuilder::new(url)
        .method(if method == "GET" { Method::GET } else { Method::POST })
        .redirect(RequestRedirect::Manual)
        .abort_signal(Some(signal));
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    // The browser's own words may repeat a header's value: they are not passed on.
    let refused = |_| {
        Error::invalid_input(format!(
            "request: the browser refuses the address {url:?} or a header"
        ))
    };
    match body {
        Some(text) => builder.body(text).map_err(refused),
        None => builder.build().map_err(refused),
    }
    .map(web_sys::Request::from)
}

impl Opened {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.response.status()
    }

    /// The headers that the page may read; across origins these are few.
    pub fn headers(&self) -> Vec<(String, String)> {
        let mut list = Vec::new();
        let entries = js_sys::try_iter(&self.response.headers());
        for entry in entries.ok().flatten().into_iter().flatten().flatten() {
            let entry: js_sys::Array = entry.unchecked_into();
            if let (Some(name), Some(value)) = (entry.get(0).as_string(), entry.get(1).as_string())
            {
                list.push((name, value));
            }
        }
        list
    }

    /// Reads the body: every part of it goes to `take`, until that wants no more.
    ///
    /// # Errors
    /// A [`Failure`] where the connection was cut or stopped.
    pub async fn pour(&mut self, take: Take) -> std::result::Result<(), Failure> {
        match self.reader.take() {
            Some(reader) => pour(reader, &self.stop, self.idle_ms, take).await,
            None => Ok(()),
        }
    }

    /// Reads a body of at most about `most` bytes; what came before a failure is given too.
    pub async fn body(&mut self, most: usize) -> (Vec<u8>, std::result::Result<(), Failure>) {
        let body = Rc::new(RefCell::new(Vec::new()));
        let kept = body.clone();
        let result = self.pour(Box::new(move |bytes| {
            let mut kept = kept.borrow_mut();
            kept.extend_from_slice(bytes);
            kept.len() < most
        }));
        let result = result.await;
        (body.take(), result)
    }

    /// Closes the connection, so that the gateway stops working for an answer nobody reads.
    pub fn close(self) {
        if let Some(controller) = self.stop.inner.controller.take() {
            controller.abort_with_reason(&js_sys::Error::new("closed by promptfare"));
        }
    }
}

thread_local! {
    static RANDOM_STATE: Cell<u64> = const { Cell::new(0) };
}

/// Now, in milliseconds since 1970.
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// Today, `YYYY-MM-DD` in UTC.
pub fn today() -> String {
    String::from(js_sys::Date::new_0().to_iso_string()).chars().take(10).collect()
}

/// A property of the global object, e.g. `location.origin`; `None` outside a page.
fn global(path: [&str; 2]) -> Option<JsValue> {
    path.iter().try_fold(JsValue::from(js_sys::global()), |object, name| {
        js_sys::Reflect::get(&object, &(*name).into()).ok().filter(|value| !value.is_undefined())
    })
}

/// The origin of the page; `None` outside one.
pub fn page_origin() -> Option<String> {
    global(["location", "origin"])?.as_string()
}

/// Whether an address is of the page's own origin: then a header more asks nobody for leave.
pub fn is_same_origin(url: &str) -> bool {
    let Some(origin) = page_origin() else { return false };
    match url.strip_prefix(&*origin) {
        Some(rest) => rest.is_empty() || rest.starts_with(['/', '?']),
        None => url.starts_with('/') && !url.starts_with("//"),
    }
}

/// What the browser says of itself; `None` where it says nothing.
pub fn is_online() -> Option<bool> {
    global(["navigator", "onLine"])?.as_bool()
}

/// A fresh name for a plan or a receipt: time and chance.
pub fn fresh_id(prefix: &str) -> String {
    let count = RANDOM_STATE.with(|state| {
        state.set(state.get().wrapping_add(1));
        state.get()
    });
    let chance = (js_sys::Math::random() * 4_294_967_296.0) as u32;
    format!("{prefix}_{:x}{count:x}{chance:08x}", now_ms() as u64)
}

/// The bytes of an `ArrayBuffer` or of a view of one; `None` for anything else.
pub fn bytes_of(source: &JsValue) -> Option<Vec<u8>> {
    if let Some(buffer) = source.dyn_ref::<js_sys::ArrayBuffer>() {
        return Some(Uint8Array::new(buffer).to_vec());
    }
    if !js_sys::ArrayBuffer::is_view(source) {
        return None;
    }
    let part = |field: &str| js_sys::Reflect::get(source, &field.into()).unwrap_or_default();
    let (offset, length) = (part("byteOffset").as_f64(), part("byteLength").as_f64());
    let view = Uint8Array::new_with_byte_offset_and_length(
        &part("buffer"),
        offset.unwrap_or(0.0) as u32,
        length.unwrap_or(0.0) as u32,
    );
    Some(view.to_vec())
}

/// Reads a file (`what`, for errors): from bytes, from a response, or from an address.
///
/// # Errors
/// [`ErrorKind::Network`] where it cannot be had, [`ErrorKind::InvalidInput`] for another kind of
/// source.
pub async fn read_file(what: &str, source: JsValue) -> Result<Vec<u8>> {
    if let Some(bytes) = bytes_of(&source) {
        return Ok(bytes);
    }
    let failed = |trouble: String| Error::new(ErrorKind::Network, format!("{what}: {trouble}"));
    let response = if let Some(response) = source.dyn_ref::<Response>() {
        response.to_owned()
    } else {
        let address = source
            .as_string()
            .or_else(|| source.dyn_ref::<web_sys::Url>().map(web_sys::Url::href))
            .ok_or_else(|| {
                Error::invalid_input(format!(
                    "{what}: wanted a URL, bytes or a Response as its source"
                ))
            })?;
        let request = RequestBuilder::new(&address)
            .build()
            .map(web_sys::Request::from)
            .map_err(|_| Error::invalid_input(format!("{what}: no address: {address}")))?;
        let promise = fetch(&request).map_err(|error| failed(describe(&error)))?;
        let value = JsFuture::from(promise).await.map_err(|error| {
            failed(format!("could not be fetched from {address}: {}", describe(&error)))
        })?;
        value.dyn_into::<Response>().map_err(|_| failed("fetch gave no response".to_owned()))?
    };
    if !response.ok() {
        return Err(failed(format!(
            "found HTTP {} at {}, wanted 200",
            response.status(),
            response.url()
        ))
        .with_status(response.status()));
    }
    let bytes = response.array_buffer().map_err(|error| failed(describe(&error)))?;
    let bytes = JsFuture::from(bytes).await.map_err(|error| failed(describe(&error)))?;
    Ok(Uint8Array::new(&bytes).to_vec())
}
