//! Carries the AWS SDK's requests the way all others go, so that there is one TLS, one pool and one set of roots.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

use super::carrier::{Carrier, Request, Undelivered};

/// The SDK's view of a carrier. Time limits are the SDK's own, around each attempt.
#[derive(Clone)]
pub(super) struct Sdk(pub(super) Arc<dyn Carrier>);

impl std::fmt::Debug for Sdk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sdk")
    }
}

impl HttpClient for Sdk {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Sdk {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let carrier = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x();
            let (parts, body) = request.map_err(|e| ConnectorError::user(e.into()))?.into_parts();
            let request = Request {
                method: parts.method,
                url: parts.uri.to_string(),
                headers: parts.headers,
                body: body.bytes().unwrap_or_default().to_vec(), // nothing that we send is a stream
            };
            let failed = |undelivered| match undelivered {
                Undelivered::NotSent(cause) | Undelivered::Lost(cause) => ConnectorError::io(cause),
                Undelivered::TooLarge => ConnectorError::user("the answer is too large".into()),
            };
            let answer = carrier.carry(request).await.map_err(failed)?;
            let status = answer.status.try_into();
            let mut response = HttpResponse::new(
                status.map_err(|_| ConnectorError::user("the answer has no status".into()))?,
                SdkBody::from(answer.body.whole().await.map_err(failed)?),
            );
            for (name, value) in &answer.headers {
                if let Ok(value) = value.to_str() {
                    response
                        .headers_mut()
                        .append(name.as_str().to_owned(), value.to_owned());
                }
            }
            Ok(response)
        })
    }
}
