//! What AWS clients share: region, credentials, time limits and trust roots, loaded once per process.

use std::sync::Arc;
use std::time::SystemTime;

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::tls;
use aws_types::service_config::ServiceConfigKey;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::sync::OnceCell;

use crate::error::{Error, ErrorKind, Result};
use crate::tools::http::{BaseUrl, Limits};

/// The roots every AWS endpoint chains to (Amazon Trust Services), so that no OS bundle is parsed at a cold start.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// The AWS side of a process. Nothing is loaded before the first use: a local run without AWS needs none of it.
#[derive(Clone, Debug)]
pub struct Aws(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: Limits,
    extra_roots: Option<Vec<u8>>,
    config: OnceCell<SdkConfig>,
}

/// A service that is called without an SDK of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Where a roster may be.
    S3,
    /// The queues of orders.
    Sqs,
    /// Orders for a later time.
    Scheduler,
}

impl Endpoint {
    /// Its name in host names and signatures.
    fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Sqs => "sqs",
            Self::Scheduler => "scheduler",
        }
    }

    /// Its name in `AWS_ENDPOINT_URL_<ID>`.
    fn id(self) -> &'static str {
        match self {
            Self::S3 => "S3",
            Self::Sqs => "SQS",
            Self::Scheduler => "Scheduler",
        }
    }
}

impl Aws {
    /// Prepares the AWS side; `extra_roots` are trusted besides Amazon's.
    pub fn new(limits: Limits, extra_roots: Option<Vec<u8>>) -> Self {
        Self(Arc::new(Inner {
            limits,
            extra_roots,
            config: OnceCell::new(),
        }))
    }

    /// The configuration that SDK clients are made from.
    pub async fn config(&self) -> Result<&SdkConfig> {
        self.0.config.get_or_try_init(|| self.load()).await
    }

    /// Loads region, credentials and endpoints as every AWS SDK does. The SDK has no total time limit of its own.
    async fn load(&self) -> Result<SdkConfig> {
        let mut roots = tls::TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
        if let Some(extra) = &self.0.extra_roots {
            roots.add_pem_certificate(extra.as_slice());
        }
        let context = tls::TlsContext::builder().with_trust_store(roots).build();
        let context = context
            .map_err(|e| Error::new(ErrorKind::Misconfigured, "the AWS trust roots are not usable").because(e))?;
        let client = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
            .tls_context(context)
            .build_https();
        let limit = self.0.limits.call_timeout;
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(limit)
            .operation_timeout(limit * 2);
        let config = aws_config::defaults(BehaviorVersion::latest())
            .http_client(client)
            .retry_config(RetryConfig::standard().with_initial_backoff(self.0.limits.retry_base))
            .timeout_config(timeouts.build());
        Ok(config.load().await)
    }

    /// Where a service is.
    pub async fn base(&self, endpoint: Endpoint) -> Result<BaseUrl> {
        let config = self.config().await?;
        match configured(config, endpoint.id()) {
            Some(url) => BaseUrl::parse("AWS_ENDPOINT_URL", &url),
            None => {
                let (region, name) = (region(config)?, endpoint.name());
                BaseUrl::parse("region", &format!("https://{name}.{region}.amazonaws.com"))
            }
        }
    }

    /// The headers that authorise one request of a service without an SDK of its own, by Signature Version 4.
    ///
    /// A few signed requests instead of an SDK for each: see ARCHITECTURE.md, "Why no S3 or SQS SDK?".
    pub async fn authorise(&self, endpoint: Endpoint, method: &str, url: &str, body: &[u8]) -> Result<HeaderMap> {
        let config = self.config().await?;
        let credentials = config.credentials_provider();
        let credentials = credentials.ok_or_else(|| misconfigured("no AWS credentials are set"))?;
        let identity = credentials
            .provide_credentials()
            .await
            .map_err(|e| Error::new(ErrorKind::Unavailable, "no AWS credentials could be had").because(e))?;
        let mut settings = SigningSettings::default();
        if endpoint == Endpoint::S3 {
            settings.percent_encoding_mode = PercentEncodingMode::Single; // S3's own rule
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        let identity = identity.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region(config)?)
            .name(endpoint.name())
            .time(SystemTime::now())
            .settings(settings)
            .build()
            .map_err(|e| misconfigured("the AWS request cannot be signed").because(e))?
            .into();
        let request = SignableRequest::new(method, url, std::iter::empty(), SignableBody::Bytes(body));
        let (instructions, _) = request
            .and_then(|request| sign(request, &params))
            .map_err(|e| misconfigured("the AWS request cannot be signed").because(e))?
            .into_parts();
        let mut headers = HeaderMap::new();
        for (name, value) in instructions.headers() {
            if let (Ok(name), Ok(mut value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        Ok(headers)
    }
}

fn region(config: &SdkConfig) -> Result<&str> {
    let region = config.region().map(AsRef::as_ref);
    region.ok_or_else(|| misconfigured("no AWS region is set"))
}

fn misconfigured(message: &str) -> Error {
    Error::new(ErrorKind::Misconfigured, message.to_owned())
}

/// `AWS_ENDPOINT_URL_<SERVICE>`, else `AWS_ENDPOINT_URL`, as the SDK's own clients read them.
fn configured(config: &SdkConfig, service_id: &str) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id(service_id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    let of_service = config.service_config()?.load_config(key);
    of_service.or_else(|| config.endpoint_url().map(str::to_owned))
}
