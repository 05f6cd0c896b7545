//! The answer as JavaScript sees it: an async iterable of pieces, and a promise of the receipt.

use super::transport::{Cause, Stop};
use js_sys::{Function, Object, Promise, Reflect};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// While it comes: pieces, then exactly one ending.
#[wasm_bindgen]
pub struct Answer {
    feed: Feed,
    receipt: Promise,
}

/// The two ends of a queue between the network and the loop that reads the answer.
#[derive(Clone)]
pub struct Feed {
    inner: Rc<FeedInner>,
}

struct FeedInner {
    pieces: RefCell<VecDeque<JsValue>>,
    /// Calls of `next()` that wait: how to resolve and how to reject them.
    waiting: RefCell<VecDeque<(Function, Function)>>,
    ended: Cell<bool>,
    /// What iteration throws, once, after the pieces.
    thrown: RefCell<Option<JsValue>>,
    stop: Stop,
}

fn step(done: bool, value: &JsValue) -> JsValue {
    let object = Object::new();
    // Setting fields of an object made here cannot fail.
    let _ = Reflect::set(&object, &"done".into(), &done.into());
    let _ = Reflect::set(&object, &"value".into(), value);
    object.into()
}

fn call(function: &Function, value: &JsValue) {
    // A promise's own functions do not throw.
    let _ = function.call1(&JsValue::UNDEFINED, value);
}

impl Feed {
    /// An empty feed.
    pub fn new(stop: Stop) -> Self {
        Self {
            inner: Rc::new(FeedInner {
                pieces: RefCell::default(),
                waiting: RefCell::default(),
                ended: Cell::new(false),
                thrown: RefCell::default(),
                stop,
            }),
        }
    }

    /// Hands a piece to the loop.
    pub fn push(&self, piece: JsValue) {
        if self.inner.ended.get() {
            return;
        }
        let waiting = self.inner.waiting.borrow_mut().pop_front();
        match waiting {
            Some((resolve, _)) => call(&resolve, &step(false, &piece)),
            None => self.inner.pieces.borrow_mut().push_back(piece),
        }
    }

    /// Ends the loop: quietly, or by throwing what went wrong after the pieces that came.
    pub fn end(&self, thrown: Option<JsValue>) {
        if self.inner.ended.replace(true) {
            return;
        }
        let mut waiting = self.inner.waiting.take().into_iter();
        match (thrown, waiting.next()) {
            (Some(error), Some((_, reject))) => call(&reject, &error),
            (Some(error), None) => drop(self.inner.thrown.replace(Some(error))),
            (None, Some((resolve, _))) => call(&resolve, &step(true, &JsValue::UNDEFINED)),
            (None, None) => {}
        }
        for (resolve, _) in waiting {
            call(&resolve, &step(true, &JsValue::UNDEFINED));
        }
    }

    fn next(&self) -> Promise {
        if let Some(piece) = self.inner.pieces.borrow_mut().pop_front() {
            return Promise::resolve(&step(false, &piece));
        }
        if self.inner.ended.get() {
            return match self.inner.thrown.take() {
                Some(error) => Promise::reject(&error),
                None => Promise::resolve(&step(true, &JsValue::UNDEFINED)),
            };
        }
        Promise::new(&mut |resolve, reject| {
            self.inner.waiting.borrow_mut().push_back((resolve, reject));
        })
    }
}

impl Answer {
    /// Puts both ends together.
    pub fn new(feed: Feed, receipt: Promise) -> Self {
        Self { feed, receipt }
    }
}

#[wasm_bindgen]
impl Answer {
    /// The iterator: a reader of the same pieces.
    #[wasm_bindgen(js_name = "[Symbol.asyncIterator]")]
    pub fn iterate(&self) -> Pieces {
        Pieces { feed: self.feed.clone() }
    }

    /// Always resolves, also where nobody iterates.
    #[wasm_bindgen(getter)]
    pub fn receipt(&self) -> Promise {
        self.receipt.clone()
    }
}

/// The iterator over an answer's pieces.
#[wasm_bindgen]
pub struct Pieces {
    feed: Feed,
}

#[wasm_bindgen]
impl Pieces {
    /// The next piece, or the end.
    pub fn next(&self) -> Promise {
        self.feed.next()
    }

    /// Leaving the loop: stops the request.
    #[wasm_bindgen(js_name = "return")]
    pub fn leave(&self) -> Promise {
        self.feed.inner.pieces.take();
        self.feed.inner.thrown.take();
        self.feed.inner.stop.stop(Cause::Left);
        self.feed.end(None);
        Promise::resolve(&step(true, &JsValue::UNDEFINED))
    }

    /// An iterator is iterable.
    #[wasm_bindgen(js_name = "[Symbol.asyncIterator]")]
    pub fn iterate(&self) -> Pieces {
        Pieces { feed: self.feed.clone() }
    }
}
