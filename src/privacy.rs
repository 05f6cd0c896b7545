//! What should not leave in clear: secrets and personal data are found in the texts of a request,
//! here and without a network, stand-ins go out in their place, and the answer gets them back.
//!
//! [`find`] says where they are; a [`Masker`] puts the same stand-in wherever the same value stands;
//! a [`Restorer`] puts the values back into an answer, however its pieces are cut.
//!
//! What is found has a form that can be told: keys of known makers, values that a text itself calls
//! a password or a token, addresses, and numbers with a checksum or a fixed shape. Names of persons,
//! postal addresses, dates of birth and whatever else only its meaning makes personal are not found.

mod address;
mod assigned;
mod mail;
mod mask;
mod number;
mod options;
mod restore;
mod scan;
mod secret;

pub use mask::{Finding, Masker, Place};
pub use options::{Action, Options};
pub use restore::{Restorer, Vault};

/// What was found. Sources of the formats stand where they are read (`secret`, `number`, ...).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A key of OpenAI.
    OpenAi,
    /// A key of Anthropic.
    Anthropic,
    /// A key of OpenRouter.
    OpenRouter,
    /// A token of GitHub.
    GitHub,
    /// A token of GitLab.
    GitLab,
    /// A token of Slack.
    Slack,
    /// An access key id of AWS.
    AwsKeyId,
    /// A secret access key of AWS.
    AwsSecret,
    /// An API key of Google.
    Google,
    /// A secret key of Stripe.
    Stripe,
    /// An API key of Twilio.
    Twilio,
    /// A key of SendGrid.
    SendGrid,
    /// A token of npm.
    Npm,
    /// A token of PyPI.
    PyPi,
    /// A token of Hugging Face.
    HuggingFace,
    /// A storage key of Azure.
    Azure,
    /// A key with another maker's beginning.
    ApiKey,
    /// A JSON web token.
    Jwt,
    /// A private key in PEM, whole.
    PrivateKey,
    /// The password in an address, `scheme://user:password@host`.
    UrlPassword,
    /// What an `Authorization` header carries.
    Bearer,
    /// A value that the text itself calls a password, token, key or secret.
    Assigned,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// The number of a payment card.
    Card,
    /// An international bank account number.
    Iban,
    /// An address of IP, version 4 or 6.
    Ip,
    /// A hardware address.
    Mac,
    /// A social security number of the USA.
    UsSsn,
}

impl Kind {
    /// All kinds, secrets first.
    pub const ALL: [Kind; 29] = [
        Kind::OpenAi,
        Kind::Anthropic,
        Kind::OpenRouter,
        Kind::GitHub,
        Kind::GitLab,
        Kind::Slack,
        Kind::AwsKeyId,
        Kind::AwsSecret,
        Kind::Google,
        Kind::Stripe,
        Kind::Twilio,
        Kind::SendGrid,
        Kind::Npm,
        Kind::PyPi,
        Kind::HuggingFace,
        Kind::Azure,
        Kind::ApiKey,
        Kind::Jwt,
        Kind::PrivateKey,
        Kind::UrlPassword,
        Kind::Bearer,
        Kind::Assigned,
        Kind::Email,
        Kind::Phone,
        Kind::Card,
        Kind::Iban,
        Kind::Ip,
        Kind::Mac,
        Kind::UsSsn,
    ];

    /// The published name, kebab-case.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::OpenAi => "openai",
            Kind::Anthropic => "anthropic",
            Kind::OpenRouter => "openrouter",
            Kind::GitHub => "github",
            Kind::GitLab => "gitlab",
            Kind::Slack => "slack",
            Kind::AwsKeyId => "aws-key-id",
            Kind::AwsSecret => "aws-secret",
            Kind::Google => "google",
            Kind::Stripe => "stripe",
            Kind::Twilio => "twilio",
            Kind::SendGrid => "sendgrid",
            Kind::Npm => "npm",
            Kind::PyPi => "pypi",
            Kind::HuggingFace => "huggingface",
            Kind::Azure => "azure",
            Kind::ApiKey => "api-key",
            Kind::Jwt => "jwt",
            Kind::PrivateKey => "private-key",
            Kind::UrlPassword => "url-password",
            Kind::Bearer => "bearer",
            Kind::Assigned => "assigned",
            Kind::Email => "email",
            Kind::Phone => "phone",
            Kind::Card => "card",
            Kind::Iban => "iban",
            Kind::Ip => "ip",
            Kind::Mac => "mac",
            Kind::UsSsn => "us-ssn",
        }
    }

    /// Whether it opens a door; otherwise it tells of a person.
    pub const fn is_secret(self) -> bool {
        (self as u8) < (Kind::Email as u8)
    }

    /// Which of [`LABELS`] stands in for it.
    pub(crate) const fn label(self) -> usize {
        match self {
            Kind::Email => 1,
            Kind::Phone => 2,
            Kind::Card => 3,
            Kind::Iban => 4,
            Kind::Ip => 5,
            Kind::Mac => 6,
            Kind::UsSsn => 7,
            _ => 0,
        }
    }
}

/// The words of the stand-ins: `[SECRET1]`, `[EMAIL2]`. Whose key it is stays here. Of the ways to
/// write them that a text cannot run into, this is the one with the fewest tokens (`docs/privacy.md`).
pub(crate) const LABELS: [&str; 8] =
    ["SECRET", "EMAIL", "PHONE", "CARD", "IBAN", "IP", "MAC", "SSN"];

/// Something found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
    /// Whether its form alone decides: a maker's beginning with enough after it, a checksum, a
    /// number of one shape. What rests on the words around it, private and reserved addresses, and
    /// addresses of example domains are not sure.
    pub sure: bool,
}

/// Which of the two groups is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Keys, tokens, passwords.
    pub secrets: bool,
    /// What tells of a person.
    pub personal: bool,
}

impl Look {
    /// Both groups.
    pub const ALL: Look = Look { secrets: true, personal: true };
}

/// Finds secrets and personal data in a text: in order, none overlapping another. The time grows
/// with the length of the text, whatever stands in it.
pub fn find(text: &str, look: Look) -> Vec<Found> {
    scan::scan(text, look)
}
