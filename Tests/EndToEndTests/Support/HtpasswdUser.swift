import Foundation

/// alice, whom a registry with `htpasswd` knows.
enum HtpasswdUser {
    static let password = "s3cr3t-alice"
    /// What `perl -e 'print crypt("s3cr3t-alice", q($2y$05$VigilTestsSaltForHtpas.))'` makes of the password on Linux: bcrypt
    /// with its least cost.
    static let line = "alice:$2y$05$VigilTestsSaltForHtpae2f1PYcYF0QG3kE6X8vrxhqX3rxAZUMq"

    /// Docker's configuration with a password for one registry.
    static func configuration(for host: String, password: String = HtpasswdUser.password) -> String {
        let auth = Data("alice:\(password)".utf8).base64EncodedString()
        return "{\"auths\":{\"\(host)\":{\"auth\":\"\(auth)\"}}}"
    }
}
