//! The other system, asked anew at each sign-in: its addresses and keys may have changed.

use futures::future::BoxFuture;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm as Algorithm, CoreProviderMetadata,
};
use openidconnect::{
    AsyncHttpClient, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    TokenResponse,
};
use reqwest::Client;

use super::{Attempt, OidcConfig, OidcConfigError};
use crate::config::Secret;
use crate::{Config, outbound};

/// The longest answer that is read, in bytes.
const LONGEST: usize = 1 << 20;

/// Signatures of identity tokens that are believed: none by a shared secret, none missing.
const ALGORITHMS: [Algorithm; 5] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
];

/// The other system, as configured.
pub struct Oidc {
    pub config: OidcConfig,
    secret: Secret,
    http: Http,
}

/// Whom it calls what.
pub(crate) struct Identity {
    pub issuer: String,
    pub subject: String,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    #[error("an address is none")]
    Address,
    #[error("discovery: {0}")]
    Discovery(String),
    #[error("the code was not exchanged: {0}")]
    Exchange(String),
    #[error("the identity token: {0}")]
    Token(String),
}

#[derive(Debug, thiserror::Error)]
enum Unanswered {
    #[error("no answer: {0}")]
    Failed(#[from] reqwest::Error),
    #[error("an answer of more than a mebibyte")]
    TooLong,
    #[error("an answer that is none: {0}")]
    Malformed(#[from] axum::http::Error),
}

type Discovered =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

impl Oidc {
    /// None where none is configured.
    pub fn configured(config: &Config) -> Result<Option<Oidc>, OidcConfigError> {
        let Some(oidc) = &config.people.oidc else { return Ok(None) };
        oidc.check()?;
        let secret = config.oidc_secret()?.ok_or(OidcConfigError::NoSecret)?;
        Ok(Some(Oidc { config: oidc.clone(), secret, http: Http(outbound::client()?) }))
    }

    /// Where the browser is sent.
    pub(crate) async fn begin(&self, attempt: &Attempt) -> Result<String, ProviderError> {
        let client = self.discover().await?;
        let verifier = PkceCodeVerifier::new(attempt.verifier());
        let (state, nonce) = (attempt.state(), attempt.nonce());
        let request = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state),
            move || Nonce::new(nonce),
        );
        let (url, _, _) = request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier)).url();
        Ok(url.to_string())
    }

    /// Who it is, by the code that the browser brought back. The token's signature, issuer, audience, times and nonce are checked.
    pub(crate) async fn identify(&self, attempt: &Attempt, code: String) -> Result<Identity, ProviderError> {
        let client = self.discover().await?;
        let request = client.exchange_code(AuthorizationCode::new(code));
        let request = request.map_err(|error| ProviderError::Exchange(error.to_string()))?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier()));
        let answer = request.request_async(&self.http).await;
        let answer = answer.map_err(|error| ProviderError::Exchange(error.to_string()))?;
        let token = answer.id_token().ok_or_else(|| ProviderError::Token("there is none".to_owned()))?;
        let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
        let claims = token.claims(&verifier, &Nonce::new(attempt.nonce()));
        let claims = claims.map_err(|error| ProviderError::Token(error.to_string()))?;
        Ok(Identity { issuer: claims.issuer().as_str().to_owned(), subject: claims.subject().as_str().to_owned() })
    }

    async fn discover(&self) -> Result<Discovered, ProviderError> {
        let issuer = IssuerUrl::new(self.config.issuer.clone()).map_err(|_| ProviderError::Address)?;
        let back = format!("{}/api/v1/session/oidc/back", self.config.origin.trim_end_matches('/'));
        let back = RedirectUrl::new(back).map_err(|_| ProviderError::Address)?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &self.http).await;
        let metadata = metadata.map_err(|error| ProviderError::Discovery(error.to_string()))?;
        let (id, secret) = (self.config.client_id.clone(), self.secret.reveal().to_owned());
        let client = CoreClient::from_provider_metadata(metadata, ClientId::new(id), Some(ClientSecret::new(secret)));
        Ok(client.set_redirect_uri(back))
    }
}

/// What the library asks by.
struct Http(Client);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Unanswered;
    type Future = BoxFuture<'c, Result<HttpResponse, Unanswered>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(ask(self.0.clone(), request))
    }
}

async fn ask(client: Client, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
    let answer = client.execute(request.try_into()?).await?;
    let mut response = axum::http::Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        *headers = answer.headers().clone();
    }
    let body = outbound::read(answer, LONGEST).await?.ok_or(Unanswered::TooLong)?;
    Ok(response.body(body)?)
}
