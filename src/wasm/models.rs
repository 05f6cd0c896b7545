//! The gateway's own list of models.

use super::ride::{Setup, read_error};
use super::transport::{self, Cause, Failure, Stop};
use crate::error::{Error, ErrorKind, Result};
use crate::gateway::{self, Redactor};
use serde_json::Value;

/// Most bytes of a list of models: OpenRouter's, the longest known, had 0.6 MB in 2026.
const MODELS_BODY: usize = 16 * 1024 * 1024;

/// What the gateway lists at `{base}/models`, and that address.
///
/// # Errors
/// What the gateway or the network answers instead.
pub(super) async fn list_models(setup: &Setup) -> Result<(Vec<Value>, String)> {
    let (stop, profile) = (Stop::default(), &setup.endpoint.profile);
    let key = setup.endpoint.key.get(&stop).await?;
    let redactor = Redactor::new(key.clone());
    let url = profile.models_url()?;
    let headers: Vec<_> = profile
        .request_headers(key.as_ref())
        .into_iter()
        // There is no content to have a type.
        .filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"))
        .collect();
    let failed = |failure: Failure| match failure {
        Failure::Invalid(error) => error,
        Failure::Network(words) => gateway::network_error(
            &url,
            transport::page_origin().as_deref(),
            transport::is_online(),
            &words,
            &redactor,
        ),
        Failure::Stopped => match stop.cause() {
            Some(Cause::TimedOut(error)) => error,
            _ => Error::new(ErrorKind::Aborted, "models: stopped"),
        },
    };
    let mut opened = transport::open("GET", &url, &headers, None, setup.timeouts, &stop)
        .await
        .map_err(failed)?;
    let received = opened.headers();
    if !(200..300).contains(&opened.status()) {
        return Err(read_error(&mut opened, &received, &redactor).await);
    }
    let (body, result) = opened.body(MODELS_BODY).await;
    opened.close();
    result.map_err(failed)?;
    if body.len() >= MODELS_BODY {
        return Err(Error::new(
            ErrorKind::Protocol,
            format!("models: found more than {MODELS_BODY} bytes, wanted a list of models"),
        ));
    }
    // OpenAI's shape is { data: [{ id }] }; some gateways give the bare list.
    let body = String::from_utf8_lossy(&body);
    let value: Value = serde_json::from_str(&body).unwrap_or_default();
    let list = value.get("data").unwrap_or(&value).as_array().ok_or_else(|| {
        gateway::not_an_answer("something else than a list of models", &body, &redactor)
    })?;
    Ok((list.clone(), gateway::shown_url(&url).to_owned()))
}

/// The name in an entry of a list, or the entry itself where it is only a name.
pub(super) fn model_id(entry: &Value) -> Option<&str> {
    entry.get("id").unwrap_or(entry).as_str()
}
