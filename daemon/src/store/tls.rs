//! TLS to PostgreSQL: the server's certificate is always verified, with its name.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Trusts the certificates of a file, or those that the machine trusts; says what is wrong with them.
pub fn connector(root_certificate: Option<&Path>) -> Result<MakeRustlsConnect, String> {
    let mut roots = RootCertStore::empty();
    match root_certificate {
        Some(file) => {
            let refused = |error: &dyn std::fmt::Display| format!("{} can't be read as PEM ({error})", file.display());
            for certificate in CertificateDer::pem_file_iter(file).map_err(|error| refused(&error))? {
                let certificate = certificate.map_err(|error| refused(&error))?;
                roots.add(certificate).map_err(|error| refused(&error))?;
            }
            if roots.is_empty() {
                return Err(format!("{} has no certificate", file.display()));
            }
        }
        // None is no error: a database on this machine needs none, and a handshake says that none fits.
        None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
    }
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(ring).with_safe_default_protocol_versions();
    let config = config.map_err(|error| error.to_string())?.with_root_certificates(roots).with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
