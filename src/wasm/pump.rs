//! Reads a response's body as it comes. A stream brings thousands of chunks, so nothing here is made
//! anew for each of them: two functions serve all reads, and one timer watches for silence.

use super::convert::describe;
use super::transport::{Cause, Failure, Stop, Timer, now_ms};
use crate::error::{Error, ErrorKind};
use js_sys::{Function, Promise, Uint8Array};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::ReadableStreamDefaultReader;

#[wasm_bindgen]
extern "C" {
    type Reading;
    #[wasm_bindgen(method)]
    fn then(this: &Reading, came: &Function, failed: &Function);

    type Read;
    #[wasm_bindgen(method, getter)]
    fn done(this: &Read) -> bool;
    #[wasm_bindgen(method, getter)]
    fn value(this: &Read) -> Option<Uint8Array>;
}

/// What becomes of the bytes; `false` means that no more are wanted.
pub type Take = Box<dyn FnMut(&[u8]) -> bool>;

struct Pump {
    /// Given up at the end. The functions below may live until they are collected, and the reader of a
    /// stream that failed can refer to them, by the stack of its error: together they would stay.
    reader: RefCell<Option<ReadableStreamDefaultReader>>,
    take: RefCell<Take>,
    buffer: RefCell<Vec<u8>>,
    /// Resolves the promise that [`pour`] waits for.
    over: Option<Function>,
    /// The two functions that get what a read brings.
    functions: RefCell<Option<(Function, Function)>>,
    failure: RefCell<Option<Failure>>,
    stop: Stop,
    last_ms: Cell<f64>,
}

impl Pump {
    fn read(&self) {
        // Nothing stays borrowed: a stream of the page's own may stop everything while it is asked.
        let (reader, functions) = (self.reader.borrow().clone(), self.functions.borrow().clone());
        if let (Some(reader), Some((came, failed))) = (reader, functions) {
            reader.read().unchecked_into::<Reading>().then(&came, &failed);
        }
    }

    fn came(&self, read: &Read) {
        if self.stop.cause().is_some() {
            return self.end(Some(Failure::Stopped));
        }
        if read.done() {
            return self.end(None);
        }
        self.last_ms.set(now_ms());
        let wanted = match read.value() {
            Some(bytes) => {
                let mut buffer = self.buffer.borrow_mut();
                buffer.resize(bytes.length() as usize, 0);
                bytes.copy_to(&mut buffer);
                (self.take.borrow_mut())(&buffer)
            }
            None => true,
        };
        if wanted { self.read() } else { self.end(None) }
    }

    fn failed(&self, error: &JsValue) {
        self.end(Some(match self.stop.cause() {
            Some(_) => Failure::Stopped,
            None => Failure::Network(describe(error)),
        }));
    }

    fn end(&self, failure: Option<Failure>) {
        // The first end counts; reads that come later find no functions.
        if self.functions.take().is_some() {
            self.reader.take();
            self.failure.replace(failure);
            // A promise's own function does not throw.
            let _ = self.over.as_ref().map(|over| over.call0(&JsValue::UNDEFINED));
        }
    }
}

/// Reads until the end, until `take` wants no more, or until it is stopped. `idle_ms` is the longest
/// silence between two reads, 0 for none.
///
/// # Errors
/// A [`Failure`] where the connection was cut or stopped.
pub async fn pour(
    reader: ReadableStreamDefaultReader,
    stop: &Stop,
    idle_ms: u64,
    take: Take,
) -> Result<(), Failure> {
    if stop.cause().is_some() {
        return Err(Failure::Stopped);
    }
    // No empty function as a beginning: making one is an eval, which policies forbid.
    let mut over = None;
    let ended = Promise::new(&mut |resolve, _| over = Some(resolve));
    let pump = Rc::new(Pump {
        reader: RefCell::new(Some(reader)),
        take: RefCell::new(take),
        buffer: RefCell::default(),
        over,
        functions: RefCell::default(),
        failure: RefCell::default(),
        stop: stop.clone(),
        last_ms: Cell::new(now_ms()),
    });
    // They live as long as JavaScript refers to them: a read may come back after the end.
    let came = {
        let pump = pump.clone();
        Closure::<dyn FnMut(Read)>::new(move |read: Read| pump.came(&read)).into_js_value()
    };
    let failed = {
        let pump = pump.clone();
        Closure::<dyn FnMut(JsValue)>::new(move |error: JsValue| pump.failed(&error))
            .into_js_value()
    };
    let failed: Function = failed.unchecked_into();
    pump.functions.replace(Some((came.unchecked_into(), failed.clone())));
    // A fetch that does not heed its signal must not hold up the end.
    stop.on_stop(failed);
    let _watch = watch(&pump, idle_ms);
    pump.read();
    // A promise that is only ever resolved.
    let _ = JsFuture::from(ended).await;
    pump.failure.take().map_or(Ok(()), Err)
}

/// One timer for the whole body: it fires when the silence would be too long if nothing came since
/// it was set, and is set again where something did.
fn watch(pump: &Rc<Pump>, idle_ms: u64) -> Option<Timer> {
    let weak = Rc::downgrade(pump);
    Timer::new(idle_ms, move || {
        let pump = weak.upgrade()?;
        let silent = now_ms() - pump.last_ms.get();
        // A clock that was set back makes no silence.
        let left = idle_ms as f64 - silent.max(0.0);
        // Timers may fire a little early.
        if left > 1.0 {
            return Some(left);
        }
        let text = format!("the next part of the answer did not come within {idle_ms} ms");
        pump.stop.stop(Cause::TimedOut(Error::new(ErrorKind::Timeout, text)));
        None
    })
}
