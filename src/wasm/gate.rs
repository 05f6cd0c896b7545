//! Many requests at once, so many of them on the wire; the others wait in a queue.

use super::transport::Stop;
use js_sys::{Function, Promise};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// Lets so many in at once, in the order in which they came.
#[derive(Clone)]
pub(super) struct Gate(Rc<Inner>);

struct Inner {
    /// How many more may enter now; `None`: as many as want.
    free: Option<Cell<u64>>,
    waiting: RefCell<VecDeque<Rc<Waiter>>>,
}

struct Waiter {
    wake: RefCell<Option<Function>>,
    let_in: Cell<bool>,
    gone: Cell<bool>,
}

/// The right to be inside, given back when dropped.
pub(super) struct Pass(Gate);

impl Gate {
    pub(super) fn new(most: Option<u64>) -> Self {
        // None at once would be none at all.
        let free = most.filter(|most| *most > 0).map(Cell::new);
        Self(Rc::new(Inner { free, waiting: RefCell::default() }))
    }

    /// Waits for its turn; `None` where it was stopped before.
    pub(super) async fn enter(&self, stop: &Stop) -> Option<Pass> {
        if stop.cause().is_some() {
            return None;
        }
        let Some(free) = &self.0.free else {
            return Some(Pass(self.clone()));
        };
        if free.get() > 0 {
            free.set(free.get() - 1);
            return Some(Pass(self.clone()));
        }
        let waiter = Rc::new(Waiter {
            wake: RefCell::default(),
            let_in: Cell::new(false),
            gone: Cell::new(false),
        });
        let turn = Promise::new(&mut |resolve, _| {
            waiter.wake.replace(Some(resolve));
        });
        self.0.waiting.borrow_mut().push_back(waiter.clone());
        // A promise that is only ever resolved.
        let _ = stop.race(&turn).await;
        waiter.gone.set(true);
        // Whoever was let in and stopped in the same moment passes it on by dropping it.
        let pass = waiter.let_in.get().then(|| Pass(self.clone()));
        pass.filter(|_| stop.cause().is_none())
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let inner = &self.0.0;
        let Some(free) = &inner.free else { return };
        let next = loop {
            let next = inner.waiting.borrow_mut().pop_front();
            match next {
                Some(waiter) if waiter.gone.get() => {}
                next => break next,
            }
        };
        match next {
            Some(waiter) => {
                waiter.let_in.set(true);
                if let Some(wake) = waiter.wake.take() {
                    // A promise's own function does not throw.
                    let _ = wake.call0(&JsValue::UNDEFINED);
                }
            }
            None => free.set(free.get() + 1),
        }
    }
}
