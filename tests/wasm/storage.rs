//! The store that outlives the page, in a real browser.

use js_sys::{Array, Promise};
use promptfare::wasm::storage::{Keys, Notes, Storage, living_pages, page_id};
use promptfare::{Error, ErrorKind};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use wasm_bindgen_test::wasm_bindgen_test;

/// Tests run at once in one database: each has keys of its own.
async fn filled(prefix: &str) -> Storage {
    let storage = Storage::open().await.unwrap();
    for number in 0..5 {
        storage.put("answers", &format!("{prefix}{number}"), &JsValue::from(number)).await.unwrap();
    }
    storage
}

fn names(entries: &[(String, JsValue)]) -> Vec<String> {
    entries.iter().map(|(name, _)| name.clone()).collect()
}

#[wasm_bindgen_test]
async fn keeps_values_by_key() {
    let storage = filled("a").await;
    let other = Storage::open().await.unwrap();
    let found = other.get("answers", "a3").await.unwrap().unwrap();
    assert_eq!(found.as_f64(), Some(3.0));
    assert!(other.get("answers", "a9").await.unwrap().is_none());
    assert!(other.get("budget", "a3").await.unwrap().is_none(), "another store");
    assert_eq!(storage.count("answers", Keys::Between("a", "b")).await.unwrap(), 5);
    for (keys, wanted) in [
        (Keys::Between("a1", "a3"), vec!["a1", "a2"]),
        (Keys::Between("a", "b"), vec!["a0", "a1", "a2", "a3", "a4"]),
        (Keys::One("a2"), vec!["a2"]),
    ] {
        let entries = storage.entries("answers", keys, 100).await.unwrap();
        assert_eq!(names(&entries), wanted, "{keys:?}");
    }
    let page = storage.entries("answers", Keys::From("a1"), 2).await.unwrap();
    assert_eq!(names(&page), ["a1", "a2"]);
    let page = storage.entries("answers", Keys::After("a2"), 2).await.unwrap();
    assert_eq!(names(&page), ["a3", "a4"]);
    assert_eq!(page[1].1.as_f64(), Some(4.0));
    storage.delete("answers", Keys::One("a0")).await.unwrap();
    storage.delete("answers", Keys::Between("a3", "b")).await.unwrap();
    assert_eq!(storage.count("answers", Keys::Between("a", "b")).await.unwrap(), 2);
    storage.put("receipts", "one", &"text".into()).await.unwrap();
    storage.delete("receipts", Keys::All).await.unwrap();
    assert_eq!(storage.count("receipts", Keys::All).await.unwrap(), 0);
}

#[wasm_bindgen_test]
async fn changes_of_one_value_never_cross() {
    async fn add() -> Result<JsValue, JsValue> {
        let storage = Storage::open().await.unwrap();
        for _ in 0..10 {
            let mut change = |old: Option<JsValue>| {
                let count = old.and_then(|old| old.as_f64()).unwrap_or(0.0);
                Ok(Some(JsValue::from(count + 1.0)))
            };
            storage.update("answers", "sum", &mut change).await.unwrap();
        }
        Ok(JsValue::UNDEFINED)
    }
    let all: Array = (0..10).map(|_| future_to_promise(add())).collect();
    JsFuture::from(Promise::all(&all)).await.unwrap();
    let storage = Storage::open().await.unwrap();
    let sum = storage.get("answers", "sum").await.unwrap().unwrap();
    assert_eq!(sum.as_f64(), Some(100.0));
}

#[wasm_bindgen_test]
async fn all_or_nothing() {
    let storage = filled("c").await;
    {
        let transaction = storage.begin(&["answers", "receipts"], true).await.unwrap();
        transaction.put("answers", "c0", &"changed".into()).await.unwrap();
        transaction.put("receipts", "c0", &"new".into()).await.unwrap();
        transaction.delete("answers", Keys::One("c1")).await.unwrap();
    }
    assert_eq!(storage.get("answers", "c0").await.unwrap().unwrap().as_f64(), Some(0.0));
    assert!(storage.get("answers", "c1").await.unwrap().is_some());
    assert!(storage.get("receipts", "c0").await.unwrap().is_none());
    let mut refuse = |_| Err(Error::invalid_input("no"));
    let error = storage.update("answers", "c0", &mut refuse).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let mut leave = |_| Ok(None);
    storage.update("answers", "c0", &mut leave).await.unwrap();
    assert_eq!(storage.get("answers", "c0").await.unwrap().unwrap().as_f64(), Some(0.0));
    // A function cannot be kept.
    let function = js_sys::Function::new_no_args("");
    let error = storage.put("answers", "c9", &function).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.message().starts_with("storage: \"c9\" of answers: "), "{error}");
    let error = storage.get("nowhere", "c9").await.unwrap_err();
    assert!(error.message().starts_with("storage: nowhere: "), "{error}");
}

/// A newer page raises the version; this one makes way for it, and finds its stores again.
#[wasm_bindgen_test]
async fn makes_way_for_a_newer_page() {
    let storage = filled("d").await;
    let newer = js_sys::Function::new_no_args(
        "return new Promise((resolve, reject) => {
            const request = indexedDB.open('promptfare', 99);
            request.onupgradeneeded = () => request.result.createObjectStore('newer');
            request.onsuccess = () => resolve(request.result.close());
            request.onerror = request.onblocked = reject;
        })",
    );
    let opened: Promise = newer.call0(&JsValue::UNDEFINED).unwrap().unchecked_into();
    JsFuture::from(opened).await.unwrap();
    assert_eq!(storage.get("answers", "d4").await.unwrap().unwrap().as_f64(), Some(4.0));
    storage.put("answers", "d5", &5.into()).await.unwrap();
    assert_eq!(storage.count("answers", Keys::Between("d", "e")).await.unwrap(), 6);
}

#[wasm_bindgen_test]
async fn notes_reach_the_others() {
    let heard = Rc::new(Cell::new([0, 0, 0]));
    let listen = |topic, place: usize| {
        let heard = heard.clone();
        Notes::about(topic, move || {
            let mut counts = heard.get();
            counts[place] += 1;
            heard.set(counts);
        })
        .unwrap()
    };
    let (first, _second, _other) = (listen("one", 0), listen("one", 1), listen("two", 2));
    first.tell();
    first.tell();
    let wait = js_sys::Function::new_no_args("return new Promise((go) => setTimeout(go, 200))");
    let waited: Promise = wait.call0(&JsValue::UNDEFINED).unwrap().unchecked_into();
    JsFuture::from(waited).await.unwrap();
    assert_eq!(heard.get(), [0, 2, 0]);
}

#[wasm_bindgen_test]
async fn a_page_is_seen_to_live() {
    let own = page_id();
    assert_eq!(own, page_id());
    let pages = living_pages().await.unwrap();
    assert_eq!(pages.iter().filter(|page| **page == own).count(), 1, "{pages:?}");
    assert!(!pages.iter().any(|page| page == "page_0"));
}
