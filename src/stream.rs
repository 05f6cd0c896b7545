//! The answer while it comes: bytes to events, events to chunks, chunks to pieces, and exactly one
//! ending. No network here: bytes are pushed in, in any slicing.

mod answer;
mod chunk;
mod sse;

pub use answer::{Answer, End, Ending, Piece};
pub use chunk::{ChatChunk, ToolCallDelta, read_usage};
pub use sse::{Decoder, EVENT_LIMIT, Event};
