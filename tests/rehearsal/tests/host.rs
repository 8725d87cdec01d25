//! The host against a fake function: this very test program, started again with `FAKE` in its environment.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]
#![expect(
    clippy::disallowed_methods,
    reason = "the fake function is configured by its environment"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rehearsal::host::{Function, Invocation, UrlRequest, serve};
use serde_json::{Value, json};

/// The fake function. In the parent, where `FAKE` is not set, it is a test that passes at once.
#[test]
fn fake_function() {
    let Ok(manner) = std::env::var("FAKE") else { return };
    if manner == "stillborn" {
        let body = json!({"errorType": "Misborn", "errorMessage": "no"}).to_string();
        let _ = exchange("POST", "init/error", &body);
        std::process::exit(1);
    }
    loop {
        let (headers, event) = exchange("GET", "invocation/next", "");
        let id = header(&headers, "lambda-runtime-aws-request-id");
        let event: Value = serde_json::from_str(&event).unwrap_or(json!("garbage"));
        let (end, body) = match event.get("do").and_then(Value::as_str) {
            Some("die") => std::process::exit(3),
            Some("hang") => loop {
                std::thread::park();
            },
            Some("fail") => ("error", json!({"errorType": "Held", "errorMessage": "too many"})),
            Some("deadline") => ("response", json!(header(&headers, "lambda-runtime-deadline-ms"))),
            Some("environment") => ("response", std::env::vars().collect::<Value>()),
            _ => ("response", json!({"echo": event})),
        };
        std::io::stderr().write_all(b"about to answer\n").unwrap();
        // An answer under another id is refused and changes nothing.
        let (refused, _) = exchange("POST", "invocation/unknown/response", "1");
        assert!(refused.starts_with("HTTP/1.1 400"), "{refused}");
        let _ = exchange("POST", &format!("invocation/{id}/{end}"), &body.to_string());
    }
}

fn exchange(method: &str, path: &str, body: &str) -> (String, String) {
    let address = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    let mut stream = TcpStream::connect(&address).unwrap();
    let length = body.len();
    let head = format!(
        "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    let mut headers = String::new();
    while !headers.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut headers).unwrap() > 0, "the host hung up");
    }
    let mut body = vec![0; header(&headers, "content-length").parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    (headers, String::from_utf8(body).unwrap())
}

fn header(headers: &str, name: &str) -> String {
    let lines = headers.lines().filter_map(|line| line.split_once(": "));
    lines
        .filter(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.to_owned())
        .next()
        .unwrap()
}

/// The child runs all these tests too, each in a thread of its own; there they wait here while `fake_function` works.
async fn start(manner: &str) -> Function {
    if std::env::var_os("FAKE").is_some() {
        std::future::pending::<()>().await;
    }
    let env = [
        ("FAKE", manner),
        ("RUST_TEST_THREADS", "16"),
        ("AWS_REGION", "eu-north-1"),
    ];
    Function::start(&std::env::current_exe().unwrap(), &env).await
}

fn answer(invocation: Invocation) -> Value {
    let Invocation::Answered(answer) = invocation else {
        panic!("{invocation:?}")
    };
    answer
}

#[tokio::test]
async fn answers_fails_and_goes_on() {
    let function = start("usual").await;
    assert_eq!(
        answer(function.invoke(&json!({"a": 1})).await),
        json!({"echo": {"a": 1}})
    );
    assert!(function.output().contains("about to answer"), "{}", function.output());
    let failed = function.invoke(&json!({"do": "fail"})).await;
    assert_eq!(
        failed,
        Invocation::Failed {
            error_type: "Held".into(),
            message: "too many".into()
        }
    );
    assert_eq!(
        answer(function.invoke_raw(b"not json").await),
        json!({"echo": "garbage"})
    );
    let (one, two) = (json!(1), json!(2));
    let both = tokio::join!(function.invoke(&one), function.invoke(&two));
    assert_eq!(
        (answer(both.0), answer(both.1)),
        (json!({"echo": 1}), json!({"echo": 2}))
    );
    assert!(function.is_alive() && function.pid() > 0 && function.init_time() > Duration::ZERO);
    assert!(!cfg!(target_os = "linux") || function.peak_memory_kib() > 0);
}

#[tokio::test]
async fn gives_a_clean_environment_and_the_real_time() {
    let function = start("usual").await;
    let env = answer(function.invoke(&json!({"do": "environment"})).await).to_string();
    assert!(
        env.contains("eu-north-1") && env.contains("AWS_LAMBDA_FUNCTION_NAME") && !env.contains("CARGO"),
        "{env}"
    );
    let before = jiff::Timestamp::now().as_millisecond();
    let deadline = answer(
        function
            .invoke_within(&json!({"do": "deadline"}), Duration::from_secs(20))
            .await,
    );
    let left = deadline.as_str().unwrap().parse::<i64>().unwrap() - before;
    assert!((20_000..25_000).contains(&left), "{left} ms");
}

#[tokio::test]
async fn a_process_that_ends_is_noticed_and_revived() {
    let function = start("usual").await;
    assert_eq!(function.invoke(&json!({"do": "die"})).await, Invocation::Died);
    assert_eq!(function.invoke(&json!({})).await, Invocation::Died);
    function.revive().await;
    assert_eq!(answer(function.invoke(&json!({})).await), json!({"echo": {}}));
    function.kill().await;
    assert!(!function.is_alive());
}

#[tokio::test]
async fn a_process_that_hangs_is_killed_after_its_deadline() {
    let function = start("usual").await;
    let invocation = function.invoke_within(&json!({"do": "hang"}), Duration::ZERO).await;
    assert!(matches!(invocation, Invocation::Failed { error_type, .. } if error_type == "Sandbox.Timedout"));
    assert!(!function.is_alive());
}

#[tokio::test]
async fn what_cannot_start_is_dead_and_says_why() {
    let function = start("stillborn").await;
    let said = function.invoke(&json!({})).await;
    assert_eq!(
        said,
        Invocation::Failed {
            error_type: "Misborn".into(),
            message: "no".into()
        }
    );
    let function = Function::start("/nowhere/at/all".as_ref(), &[]).await;
    assert_eq!(function.invoke(&json!({})).await, Invocation::Died);
    assert!(
        function.output().contains("cannot start /nowhere/at/all"),
        "{}",
        function.output()
    );
}

#[tokio::test]
async fn a_url_request_becomes_an_event() {
    let function = start("usual").await;
    let request = UrlRequest::post("/hr/event?a=b%20c&a=d", &json!({"x": 1}))
        .bearer("t")
        .header("X-Two", "1")
        .header("x-two", "2");
    let echoed = function
        .request(
            request
                .base64()
                .iam("arn:aws:iam::1:user/u")
                .header("Cookie", "a=1; b=2"),
        )
        .await;
    assert_eq!(
        (echoed.status, echoed.header("Content-Type")),
        (200, Some("application/json"))
    );
    let event = echoed.json();
    let at = |pointer: &str| event.pointer(&format!("/echo{pointer}")).cloned().unwrap_or_default();
    assert_eq!(at("/rawPath"), "/hr/event");
    assert_eq!(at("/rawQueryString"), "a=b%20c&a=d");
    assert_eq!(at("/queryStringParameters"), json!({"a": "b c,d"}));
    assert_eq!(
        (at("/headers/authorization"), at("/headers/x-two")),
        (json!("Bearer t"), json!("1,2"))
    );
    assert_eq!(at("/cookies"), json!(["a=1", "b=2"]));
    assert_eq!(
        (at("/isBase64Encoded"), at("/body")),
        (json!(true), json!("eyJ4IjoxfQ=="))
    );
    assert_eq!(at("/requestContext/authorizer/iam/userArn"), "arn:aws:iam::1:user/u");
    function.kill().await;
    let failed = function.request(UrlRequest::get("/")).await;
    assert_eq!((failed.status, failed.error_type()), (502, Some("Runtime.ExitError")));
}

#[tokio::test]
async fn the_public_listener_serves_and_revives() {
    let function = Arc::new(start("usual").await);
    let served = serve(vec![("fake".into(), Arc::clone(&function))], ([127, 0, 0, 1], 0).into())
        .await
        .unwrap();
    function.kill().await;
    let address = served.url().strip_prefix("http://").unwrap().to_owned();
    let call = move |path: &'static str| {
        let address = address.clone();
        tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(&address).unwrap();
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}"
            );
            stream.write_all(head.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        })
    };
    let said = call("/fake/hr?x=1").await.unwrap();
    assert!(
        said.starts_with("HTTP/1.1 200") && said.contains(r#""rawPath":"/hr""#),
        "{said}"
    );
    let said = call("/other/").await.unwrap();
    assert!(said.starts_with("HTTP/1.1 404") && said.contains("/fake/"), "{said}");
}
