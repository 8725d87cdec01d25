//! A function on the stage, and the ways to talk to it.

use std::ops::Deref;
use std::rc::Rc;

use rehearsal::host::{Function, Invocation, UrlAnswer, UrlRequest};
use serde_json::Value;

use super::TOKEN;
use crate::openapi;

/// A function that was started.
pub(crate) struct Running {
    pub(super) function: Rc<Function>,
    /// Which of the four; `None` for an example.
    pub(super) name: Option<&'static str>,
}

impl Running {
    /// Sends a request to the function's URL. What it answers at its root has to stand in `functions/openapi.yaml`.
    pub(crate) async fn request(&self, request: UrlRequest) -> UrlAnswer {
        let at_root = matches!(&*request.path, "" | "/");
        let answer = self.function.request(request).await;
        if let (Some(name), true) = (self.name, at_root) {
            openapi::check(name, &answer);
        }
        answer
    }

    /// Posts an order to the function's URL, as somebody who may do everything.
    pub(crate) async fn order(&self, order: &Value) -> UrlAnswer {
        self.request(UrlRequest::post("/", order).bearer(TOKEN)).await
    }

    /// Gets a target of the function's URL, as somebody who may do everything.
    pub(crate) async fn ask(&self, target: &str) -> UrlAnswer {
        self.request(UrlRequest::get(target).bearer(TOKEN)).await
    }

    /// What a direct invocation returns.
    pub(crate) async fn direct(&self, event: &Value) -> Value {
        match self.invoke(event).await {
            Invocation::Answered(answer) => answer,
            other => panic!("not answered: {other:?}"),
        }
    }

    /// The error type of an invocation that has to fail.
    pub(crate) async fn failure(&self, event: &Value) -> (String, String) {
        match self.invoke(event).await {
            Invocation::Failed { error_type, message } => (error_type, message),
            other => panic!("not failed: {other:?}"),
        }
    }
}

impl Deref for Running {
    type Target = Function;

    fn deref(&self) -> &Function {
        &self.function
    }
}
