//! Tool calls, put together from their parts.

use super::chunk::ToolCallDelta;
use super::surrogate::Halves;
use crate::chat::ToolCall;

/// The calls of one answer so far.
#[derive(Debug, Default)]
pub(super) struct Calls {
    list: Vec<ToolCall>,
    halves: Vec<Halves>,
}

impl Calls {
    pub(super) fn list(&self) -> &[ToolCall] {
        &self.list
    }

    /// Puts a part to its call, and returns it with the call's own index. Providers differ: the
    /// index may be missing or always 0, the id may come once or always, the name may be repeated
    /// or empty. `at` is the part's place in its chunk, `mended` as in [`Halves::join`].
    pub(super) fn take(
        &mut self,
        mut delta: ToolCallDelta,
        has_index: bool,
        at: usize,
        mended: bool,
    ) -> ToolCallDelta {
        let count = self.list.len();
        let known = |id: &str| self.list.iter().position(|call| call.id == id);
        let wanted = match (delta.id.as_deref().and_then(known), has_index) {
            (Some(index), _) => index,
            (None, true) => delta.index,
            // No index: a new id begins a call, no id goes on with the last one. A whole list in
            // one message is in order.
            (None, false) if delta.id.is_some() || count == 0 => count,
            (None, false) => count.saturating_sub(1).max(at.min(count)),
        };
        let starts_another = self.list.get(wanted).is_some_and(|call| {
            // Another id and a name again at the same index: a second call (seen of servers that
            // number every call 0).
            delta.name.is_some()
                && delta.id.as_ref().is_some_and(|id| !call.id.is_empty() && *id != call.id)
        });
        let index = if starts_another { count } else { wanted.min(count) };
        if index == count {
            let empty = String::new;
            self.list.push(ToolCall { id: empty(), name: empty(), arguments: empty() });
            self.halves.push(Halves::default());
        }
        if let (Some(call), Some(halves)) = (self.list.get_mut(index), self.halves.get_mut(index)) {
            if let Some(id) = delta.id.as_ref().filter(|_| call.id.is_empty()) {
                call.id.clone_from(id);
            }
            // A repetition that grows is the whole name so far; any other one is the same.
            if let Some(name) = delta.name.as_ref().filter(|name| name.starts_with(&call.name)) {
                call.name.clone_from(name);
            }
            delta.arguments = halves.join(delta.arguments, mended);
            call.arguments.push_str(&delta.arguments);
        }
        delta.index = index;
        delta
    }
}
