//! Everything about a gateway that needs no network: what its profile says, the request as it goes
//! out, what its errors mean, and whether to try again.

mod error;
mod headers;
mod listed;
mod profile;
mod retry;
mod said;
mod secret;
mod url;

pub use error::{Failure, classify_error, classify_value, network_error, not_an_answer};
pub use headers::Headers;
pub use listed::listed;
pub use profile::{HttpRequest, KeyHeader, Places, Profile, Refusal};
pub use retry::{
    Candidate, Course, Decision, Health, Limits, attempts_by_gateway, back_off_ms, decide,
};
pub use secret::{Redactor, Secret};
pub use url::{join_url, same_origin_path, shown_url};
