//! What calls of AWS share: region, credentials, endpoints and signatures, as Lambda gives them to a function.

use std::sync::Arc;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::tools::http::{Api, Auth, BaseUrl, Http, Repeat, Reply};

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// The AWS side of a process. What is missing is an error of the first call: a local run without AWS needs none of it.
#[derive(Clone, Debug)]
pub struct Aws(Arc<Account>);

/// What the environment says of the account
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>); a profile on disk is not read.
#[derive(Debug)]
struct Account {
    region: Option<String>,
    credentials: Option<Credentials>,
    /// Where services are, if not where AWS has them.
    endpoints: Vec<(Endpoint, String)>,
}

/// A service that is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Where the secret documents are.
    SecretsManager,
    /// Where the ledger is.
    DynamoDb,
    /// Where a roster may be.
    S3,
    /// The queues of orders.
    Sqs,
    /// Orders for a later time.
    Scheduler,
}

impl Endpoint {
    const ALL: [Self; 5] = [
        Self::SecretsManager,
        Self::DynamoDb,
        Self::S3,
        Self::Sqs,
        Self::Scheduler,
    ];

    /// Its name in host names and signatures.
    fn name(self) -> &'static str {
        match self {
            Self::SecretsManager => "secretsmanager",
            Self::DynamoDb => "dynamodb",
            Self::S3 => "s3",
            Self::Sqs => "sqs",
            Self::Scheduler => "scheduler",
        }
    }

    /// The variable that says where it is (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>).
    fn variable(self) -> &'static str {
        match self {
            Self::SecretsManager => "AWS_ENDPOINT_URL_SECRETS_MANAGER",
            Self::DynamoDb => "AWS_ENDPOINT_URL_DYNAMODB",
            Self::S3 => "AWS_ENDPOINT_URL_S3",
            Self::Sqs => "AWS_ENDPOINT_URL_SQS",
            Self::Scheduler => "AWS_ENDPOINT_URL_SCHEDULER",
        }
    }
}

impl Aws {
    /// Reads the variables that Lambda and every AWS SDK know.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| variable(name).filter(|text| !text.trim().is_empty());
        let keys = text("AWS_ACCESS_KEY_ID").zip(text("AWS_SECRET_ACCESS_KEY"));
        let token = text("AWS_SESSION_TOKEN");
        let everywhere = text("AWS_ENDPOINT_URL");
        let place = |endpoint: Endpoint| text(endpoint.variable()).or_else(|| everywhere.clone());
        Self(Arc::new(Account {
            region: text("AWS_REGION").or_else(|| text("AWS_DEFAULT_REGION")),
            credentials: keys.map(|(id, secret)| Credentials::new(id, secret, token, None, "environment")),
            endpoints: Endpoint::ALL.iter().filter_map(|e| Some((*e, place(*e)?))).collect(),
        }))
    }

    /// The region.
    pub fn region(&self) -> Result<&str> {
        let region = self.0.region.as_deref();
        region.ok_or_else(|| misconfigured("AWS_REGION is not set"))
    }

    /// The credentials.
    pub fn credentials(&self) -> Result<&Credentials> {
        let credentials = self.0.credentials.as_ref();
        credentials.ok_or_else(|| misconfigured("no AWS credentials are in the environment"))
    }

    /// Where a service is.
    pub fn base(&self, endpoint: Endpoint) -> Result<BaseUrl> {
        match self.0.endpoints.iter().find(|(of, _)| *of == endpoint) {
            Some((_, url)) => BaseUrl::parse(endpoint.variable(), url),
            None => {
                let (region, name) = (self.region()?, endpoint.name());
                let suffix = match region.starts_with("cn-") {
                    true => "amazonaws.com.cn",
                    false => "amazonaws.com",
                };
                BaseUrl::parse("AWS_REGION", &format!("https://{name}.{region}.{suffix}"))
            }
        }
    }

    /// Asks a service by AWS's JSON protocol; `target` names the operation. All that is asked so does no harm when sent twice.
    pub async fn ask(
        &self,
        http: &Http,
        peer: &'static str,
        endpoint: Endpoint,
        target: &'static str,
        body: &Value,
    ) -> Result<Reply> {
        let body = body.to_string().into_bytes();
        let base = self.base(endpoint)?;
        let mut headers = self.authorise(endpoint, "POST", &base.join("/"), &body)?;
        headers.insert(TARGET, HeaderValue::from_static(target));
        let api = Api::new(http, peer, base, Auth::None);
        let call = api.post("/", Repeat::Safe).body(CONTENT_TYPE, body).headers(headers);
        call.send().await
    }

    /// The headers that authorise one request of a service without an SDK of its own, by Signature Version 4.
    ///
    /// A few signed requests instead of an SDK for each: see ARCHITECTURE.md, "Why one SDK only?".
    pub fn authorise(&self, endpoint: Endpoint, method: &str, url: &str, body: &[u8]) -> Result<HeaderMap> {
        let identity = self.credentials()?.clone().into();
        let mut settings = SigningSettings::default();
        if endpoint == Endpoint::S3 {
            settings.percent_encoding_mode = PercentEncodingMode::Single; // S3's own rule
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region()?)
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

fn misconfigured(message: &str) -> Error {
    Error::new(ErrorKind::Misconfigured, message.to_owned())
}
