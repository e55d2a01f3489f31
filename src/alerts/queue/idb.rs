//! What waits, kept by the browser in IndexedDB, so that loading the page again does not lose it.
//! Nothing here runs on the server.
//!
//! Entries are kept as text under their own ids. They name a guest by an id and never by a name.

use super::{rules::Entry, wait::Bell};
use leptos::prelude::window;
use ulid::Ulid;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Event, IdbDatabase, IdbObjectStore, IdbRequest, IdbTransactionMode};

const DATABASE: &str = "rapport";
const STORE: &str = "queue";

/// Grows with the form of the entries. What was kept in an older form is dropped.
const VERSION: u32 = 1;

type Listener = Closure<dyn FnMut(Event)>;

/// Something to be kept, or to be kept no longer.
pub(super) enum Write {
    Put(Box<Entry>),
    Remove(Ulid),
}

/// The device's store of entries, open until it is dropped.
pub(super) struct Database {
    database: IdbDatabase,
    /// They live as long as the database may call them.
    _listeners: [Listener; 2],
}

/// Whether this browser keeps anything at all.
pub(super) fn is_there() -> bool {
    matches!(window().indexed_db(), Ok(Some(_)))
}

impl Database {
    /// Opens the store, and makes it where there is none. `failed` is called when something could not
    /// be kept after all, as on a full disk.
    ///
    /// # Errors
    /// Where the browser keeps nothing, as some do in a private window.
    pub(super) async fn open(failed: impl Fn() + 'static) -> Result<Self, JsValue> {
        let factory = window().indexed_db()?.ok_or(JsValue::NULL)?;
        let request = factory.open_with_u32(DATABASE, VERSION)?;
        let made = request.clone();
        let make: Listener = Closure::new(move |_: Event| {
            if let Ok(database) = made.result() {
                let database: IdbDatabase = database.unchecked_into();
                // There is none before the first version.
                _ = database.delete_object_store(STORE);
                // If it cannot be made, the first use of it fails, and says so.
                _ = database.create_object_store(STORE);
            }
        });
        request.set_onupgradeneeded(Some(make.as_ref().unchecked_ref()));
        let opened = answer(&request).await;
        request.set_onupgradeneeded(None);
        let database: IdbDatabase = opened?.unchecked_into();
        let failed: Listener = Closure::new(move |_: Event| failed());
        database.set_onabort(Some(failed.as_ref().unchecked_ref()));
        let giving_way = database.clone();
        let give_way: Listener = Closure::new(move |_: Event| giving_way.close());
        database.set_onversionchange(Some(give_way.as_ref().unchecked_ref()));
        Ok(Self { database, _listeners: [failed, give_way] })
    }

    /// Writes in the order of the calls. Returns at once; what fails later is told to `failed`.
    ///
    /// # Errors
    /// When the browser has closed the store, as some do while a tablet sleeps.
    pub(super) fn write(&self, write: &Write) -> Result<(), JsValue> {
        let store = self.store(IdbTransactionMode::Readwrite)?;
        match write {
            Write::Put(entry) => {
                let text = serde_json::to_string(entry).map_err(|error| JsValue::from_str(&error.to_string()))?;
                store.put_with_key(&text.into(), &key(entry.id))?;
            }
            Write::Remove(id) => {
                store.delete(&key(*id))?;
            }
        }
        Ok(())
    }

    /// Everything that is kept, with all that was written before. What cannot be read is passed over.
    ///
    /// # Errors
    /// When the store is closed or broken.
    pub(super) async fn all(&self) -> Result<Vec<Entry>, JsValue> {
        let request = self.store(IdbTransactionMode::Readonly)?.get_all()?;
        let texts = js_sys::Array::from(&answer(&request).await?);
        Ok(texts.iter().filter_map(|text| serde_json::from_str(&text.as_string()?).ok()).collect())
    }

    fn store(&self, mode: IdbTransactionMode) -> Result<IdbObjectStore, JsValue> {
        self.database.transaction_with_str_and_mode(STORE, mode)?.object_store(STORE)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.database.set_onabort(None);
        self.database.set_onversionchange(None);
        // What has been written is still kept: closing waits for it.
        self.database.close();
    }
}

fn key(id: Ulid) -> JsValue {
    JsValue::from_str(&id.to_string())
}

/// Waits for what the browser answers to a request.
async fn answer(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let bell = Bell::default();
    let _asked = Asked::new(request, bell.clone());
    bell.heard().await;
    match request.error()? {
        Some(error) => Err(error.into()),
        None => request.result(),
    }
}

/// A request with its listener, which is taken off when nobody waits any more.
struct Asked<'a> {
    request: &'a IdbRequest,
    _listener: Listener,
}

impl<'a> Asked<'a> {
    fn new(request: &'a IdbRequest, bell: Bell) -> Self {
        let listener: Listener = Closure::new(move |_: Event| bell.ring());
        request.set_onsuccess(Some(listener.as_ref().unchecked_ref()));
        request.set_onerror(Some(listener.as_ref().unchecked_ref()));
        Self { request, _listener: listener }
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.request.set_onsuccess(None);
        self.request.set_onerror(None);
    }
}
