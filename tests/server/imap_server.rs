//! A small IMAP server (RFC 3501) with one mailbox, of which any number of connections can be had.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream};

pub const USER: &str = "bounces";
pub const PASSWORD: &str = "a \"quoted\" password";
pub const MAILBOX: &str = "Returned mail";

#[derive(Clone, Default)]
pub struct Mailbox(Arc<Mutex<Vec<Mail>>>);

struct Mail {
    bytes: Vec<u8>,
    flags: Vec<String>,
}

impl Mailbox {
    pub fn deliver(&self, mail: &str) {
        let bytes = mail.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes();
        self.0.lock().expect("the mailbox").push(Mail { bytes, flags: Vec::new() });
    }

    /// The flags of each mail.
    pub fn flags(&self) -> Vec<Vec<String>> {
        self.0.lock().expect("the mailbox").iter().map(|mail| mail.flags.clone()).collect()
    }

    pub fn connect(&self) -> DuplexStream {
        let (client, server) = tokio::io::duplex(4096);
        tokio::spawn(self.clone().serve(server));
        client
    }

    async fn serve(self, stream: DuplexStream) {
        let (read, mut write) = tokio::io::split(stream);
        let mut lines = BufReader::new(read).lines();
        let mut answer = b"* OK [CAPABILITY IMAP4rev1] ready\r\n".to_vec();
        loop {
            if write.write_all(&answer).await.is_err() {
                return;
            }
            let Ok(Some(line)) = lines.next_line().await else { return };
            let (tag, command) = line.split_once(' ').expect("a command with a tag");
            answer = self.answer(tag, command);
        }
    }

    fn answer(&self, tag: &str, command: &str) -> Vec<u8> {
        let mut mails = self.0.lock().expect("the mailbox");
        let words: Vec<&str> = command.split(' ').collect();
        let mut answer = Vec::new();
        let login = format!("LOGIN \"{USER}\" \"{}\"", PASSWORD.replace('"', "\\\""));
        let select = format!("SELECT \"{MAILBOX}\"");
        match words.as_slice() {
            _ if command == login => {}
            _ if command == select => answer.extend(format!("* {} EXISTS\r\n", mails.len()).bytes()),
            ["UID", "SEARCH", "UNSEEN", "SMALLER", most] => {
                let most: usize = most.parse().expect("a size");
                let new = mails
                    .iter()
                    .enumerate()
                    .filter(|(_, mail)| mail.bytes.len() < most && !mail.flags.iter().any(|flag| flag == "\\Seen"));
                let new: String = new.map(|(at, _)| format!(" {}", at + 1)).collect();
                answer.extend(format!("* SEARCH{new}\r\n").bytes());
            }
            ["UID", "FETCH", uid, "(UID", "BODY.PEEK[])"] => {
                let number: usize = uid.parse().expect("a number");
                let mail = &mails[number - 1];
                answer.extend(format!("* {uid} FETCH (UID {uid} BODY[] {{{}}}\r\n", mail.bytes.len()).bytes());
                answer.extend_from_slice(&mail.bytes);
                answer.extend_from_slice(b")\r\n");
            }
            ["UID", "STORE", uid, "+FLAGS.SILENT", flags @ ..] => {
                let number: usize = uid.parse().expect("a number");
                for flag in flags {
                    let flag = flag.trim_matches(['(', ')']).to_owned();
                    if !mails[number - 1].flags.contains(&flag) {
                        mails[number - 1].flags.push(flag);
                    }
                }
            }
            ["LOGOUT"] => answer.extend_from_slice(b"* BYE\r\n"),
            _ => return format!("{tag} NO not understood: {command}\r\n").into_bytes(),
        }
        answer.extend(format!("{tag} OK done\r\n").bytes());
        answer
    }
}
