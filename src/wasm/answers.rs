//! Where kept answers are: IndexedDB, or memory where there is none. A cache is a convenience: what
//! fails here is a miss, never an error of the request.

use super::storage::{Keys, Storage};
use super::transport::now_ms;
use crate::cache::{Index, Terms, record, replay, request_key};
use crate::chat::ChatRequest;
use crate::error::Result;
use crate::stream::{Answer, Piece};
use std::cell::RefCell;
use wasm_bindgen::JsValue;

const STORE: &str = "answers";

/// The keys to take away, and what to put in.
type Change = (Vec<String>, Option<(String, String)>);

/// The kept answers of one scope.
pub(super) struct Answers {
    terms: Terms,
    /// What stands before every key.
    scope: String,
    storage: Option<Storage>,
    /// Keys and texts, where there is no storage.
    memory: RefCell<Vec<(String, String)>>,
}

impl Answers {
    pub(super) async fn open(terms: Terms, scope: String) -> Self {
        let storage = Storage::open().await.ok();
        Self { terms, scope, storage, memory: RefCell::default() }
    }

    fn key(&self, name: &str) -> String {
        format!("{}/{name}", self.scope)
    }

    fn request_key(&self, request: &ChatRequest, model: &str) -> Option<String> {
        let mut request = request.clone();
        request.model = Some(model.to_owned());
        self.terms.admits(&request).then(|| request_key(&request))
    }

    /// The kept answer to this very request, and its pieces.
    pub(super) async fn find(
        &self,
        request: &ChatRequest,
        model: &str,
    ) -> Option<(Vec<Piece>, Answer)> {
        let key = self.request_key(request, model)?;
        let index = self.read("index").await?;
        let now = now_ms() as u64;
        if !Index::read(&index).holds(&key, &self.terms, now) {
            return None;
        }
        let answer = replay(&self.read(&key).await?)?;
        // Not used lately is what goes first; that this could not be noted hurts nobody.
        let mut note = |index: &mut Index| {
            index.used(&key, now);
            Some((Vec::new(), None))
        };
        let _ = self.change(&mut note).await;
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let pieces = [
            Piece { reasoning: some(answer.reasoning()), ..Piece::default() },
            Piece { text: some(answer.text()), ..Piece::default() },
        ];
        let pieces = pieces.into_iter().filter(|piece| *piece != Piece::default()).collect();
        Some((pieces, answer))
    }

    /// Keeps an answer, where it may be kept.
    pub(super) async fn keep(&self, request: &ChatRequest, model: &str, answer: &Answer) {
        let (Some(key), Some(text)) = (self.request_key(request, model), record(answer)) else {
            return;
        };
        let now = now_ms() as u64;
        // A full disk is no trouble of the request.
        let _ = self
            .change(&mut |index| {
                let gone = index.take_in(&key, text.len(), &self.terms, now)?;
                Some((gone, Some((key.clone(), text.clone()))))
            })
            .await;
    }

    /// Forgets every answer of this scope, and says how many there were.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Storage`].
    pub(super) async fn purge(&self) -> Result<u32> {
        let index = self.read("index").await.unwrap_or_default();
        self.memory.take();
        if let Some(storage) = &self.storage {
            // "0" is what follows "/".
            let (from, to) = (self.key(""), format!("{}0", self.scope));
            storage.delete(STORE, Keys::Between(&from, &to)).await?;
        }
        Ok(Index::read(&index).held().len() as u32)
    }

    async fn read(&self, name: &str) -> Option<String> {
        let key = self.key(name);
        match &self.storage {
            Some(storage) => storage.get(STORE, &key).await.ok()??.as_string(),
            None => {
                let memory = self.memory.borrow();
                memory.iter().find(|(held, _)| *held == key).map(|(_, text)| text.clone())
            }
        }
    }

    /// Changes the index, and what it is the index of, in one step for all tabs.
    async fn change(&self, change: &mut dyn FnMut(&mut Index) -> Option<Change>) -> Result<()> {
        let place = self.key("index");
        let Some(storage) = &self.storage else {
            let mut memory = self.memory.borrow_mut();
            let old = memory.iter().find(|(key, _)| *key == place);
            let mut index = Index::read(old.map_or("", |(_, text)| text.as_str()));
            if let Some((gone, new)) = change(&mut index) {
                let gone: Vec<_> = gone.iter().map(|key| self.key(key)).collect();
                let new = new.map(|(key, text)| (self.key(&key), text));
                memory.retain(|(key, _)| {
                    *key != place && !gone.contains(key) && new.as_ref().is_none_or(|n| n.0 != *key)
                });
                memory.extend(new);
                memory.push((place, index.write()));
            }
            return Ok(());
        };
        let transaction = storage.begin(&[STORE], true).await?;
        let old = transaction.get(STORE, &place).await?.and_then(|text| text.as_string());
        let mut index = Index::read(&old.unwrap_or_default());
        if let Some((gone, new)) = change(&mut index) {
            for key in gone {
                transaction.delete(STORE, Keys::One(&self.key(&key))).await?;
            }
            if let Some((key, text)) = new {
                transaction.put(STORE, &self.key(&key), &JsValue::from(text)).await?;
            }
            transaction.put(STORE, &place, &JsValue::from(index.write())).await?;
        }
        transaction.commit().await
    }
}
