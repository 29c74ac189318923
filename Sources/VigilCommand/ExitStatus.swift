/// What the process tells its caller.
///
/// The numbers are part of the command line's contract.
public enum ExitStatus: Int32, Error, Sendable, Hashable {
    /// Done; for `verify`: every image is trusted, or left out by its policy in writing.
    case success = 0
    /// At least one image is not trusted, for a cause other than an outage; for `policy check`: a policy has an error.
    case notTrusted = 1
    /// The command line, a policy or another input cannot be used; nothing was judged.
    case unusable = 2
    /// At least one image could not be judged because a service could not be asked, and no image is worse.
    case unavailable = 3
    /// The person at the keyboard, or whoever sent SIGINT or SIGTERM, stopped it.
    case interrupted = 130
}
