//! The answer while it comes: bytes to events, events to chunks, chunks to pieces, and exactly one
//! ending. No network here: bytes are pushed in, in any slicing.

mod answer;
mod calls;
mod chunk;
mod ending;
mod quick;
mod sse;
mod surrogate;
mod unmask;

pub use answer::{Answer, Piece};
pub use chunk::{ChatChunk, ToolCallDelta};
pub use ending::{End, Ending};
pub use sse::{Decoder, EVENT_LIMIT, Event};
pub use unmask::Unmask;
