//! The answer as JavaScript sees it: an async iterable of pieces, and a promise of the receipt.

use super::convert::{to_js, to_json};
use super::transport::{Cause, Stop};
use crate::stream;
use js_sys::{Function, Promise};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

// Thousands of these are made for one answer: a setter for each field is the cheapest way there is.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Object)]
    type Step;
    #[wasm_bindgen(constructor, js_class = "Object")]
    fn new() -> Step;
    #[wasm_bindgen(method, setter)]
    fn set_done(this: &Step, done: bool);
    #[wasm_bindgen(method, setter)]
    fn set_value(this: &Step, value: &JsValue);
    #[wasm_bindgen(method, setter)]
    fn set_text(this: &Step, text: &str);
    #[wasm_bindgen(method, setter)]
    fn set_reasoning(this: &Step, text: &str);
}

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
    /// Puts back what the request left out.
    unmask: RefCell<Option<stream::Unmask>>,
}

fn step(done: bool, value: &JsValue) -> JsValue {
    let step = Step::new();
    step.set_done(done);
    step.set_value(value);
    step.into()
}

fn piece_to_js(piece: &stream::Piece) -> JsValue {
    if piece.refusal.is_some() || !piece.tool_calls.is_empty() {
        // Texts and small integers: writing them cannot fail.
        return to_json(piece).and_then(|piece| to_js(&piece)).unwrap_or_default();
    }
    let object = Step::new();
    if let Some(text) = &piece.text {
        object.set_text(text);
    }
    if let Some(text) = &piece.reasoning {
        object.set_reasoning(text);
    }
    object.into()
}

fn call(function: &Function, value: &JsValue) {
    // A promise's own functions do not throw.
    let _ = function.call1(&JsValue::UNDEFINED, value);
}

impl Feed {
    /// An empty feed; of a masked request, with what restores its answer.
    pub fn new(stop: Stop, unmask: Option<stream::Unmask>) -> Self {
        Self {
            inner: Rc::new(FeedInner {
                pieces: RefCell::default(),
                waiting: RefCell::default(),
                ended: Cell::new(false),
                thrown: RefCell::default(),
                stop,
                unmask: RefCell::new(unmask),
            }),
        }
    }

    /// Hands a piece to the loop.
    pub fn push(&self, piece: &stream::Piece) {
        if self.inner.ended.get() {
            return;
        }
        match &mut *self.inner.unmask.borrow_mut() {
            None => self.give(piece),
            Some(unmask) => {
                if let Some(piece) = unmask.push(piece) {
                    self.give(&piece);
                }
            }
        }
    }

    fn give(&self, piece: &stream::Piece) {
        let piece = piece_to_js(piece);
        let waiting = self.inner.waiting.borrow_mut().pop_front();
        match waiting {
            Some((resolve, _)) => call(&resolve, &step(false, &piece)),
            None => self.inner.pieces.borrow_mut().push_back(piece),
        }
    }

    /// Ends the loop: quietly, or by throwing what went wrong after the pieces that came.
    pub fn end(&self, thrown: Option<JsValue>) {
        let held = self.inner.unmask.take().and_then(|mut unmask| unmask.end());
        if let Some(piece) = held.filter(|_| !self.inner.ended.get()) {
            self.give(&piece);
        }
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
