//! INIT opens the connections of the first calls, and sends nothing on them.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::stage::Stage;

const REFUSED: &[u8] = b"HTTP/1.1 500 no\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// The head of the next request on a connection.
async fn head(connection: &mut TcpStream) -> String {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        let byte = connection.read_u8().await.expect("a whole head");
        read.push(byte);
    }
    String::from_utf8(read).expect("a head is text")
}

#[tokio::test]
async fn the_first_call_finds_its_connection_open() {
    let provider = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", provider.local_addr().unwrap());
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    stage.document("bilanc", &json!({"api_key": "key-of-bilanc", "base_url": url}));
    let list = stage.start("list").await;
    // Nobody has asked for anything yet.
    let (mut connection, _) = provider.accept().await.unwrap();
    let (answer, first) = tokio::join!(list.ask("/"), async {
        let first = head(&mut connection).await;
        connection.write_all(REFUSED).await.unwrap();
        drop(provider);
        first
    });
    // Had INIT sent something, it would have come first, without a key.
    assert!(first.contains("key-of-bilanc"), "{first}");
    assert_eq!(answer.json()["providers"][0]["provider"], "bilanc");
}

#[tokio::test]
async fn a_provider_that_is_not_there_delays_nothing() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let stage = Stage::with(&[("PROVIDERS", "bilanc,powens")]).await;
    stage.document("bilanc", &json!({"api_key": "key-of-bilanc", "base_url": url}));
    let list = stage.start("list").await;
    let answer = list.ask("/").await.json();
    let errors: Vec<bool> = answer["providers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.get("error").is_some())
        .collect();
    assert_eq!(errors, [true, false], "{answer}");
}
