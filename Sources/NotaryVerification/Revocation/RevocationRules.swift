public import FoundationEssentials

/// How long evidence about revocation is believed.
public enum RevocationRules {
    /// How far the clocks of responders may be ahead of ours: five minutes.
    public static let clockSkew: TimeInterval = 300
    /// How long an answer is believed before somebody is asked again, however far away its `nextUpdate` is: one hour.
    ///
    /// It bounds how long a revoked key goes on counting while its images run.
    public static let maximumAge: TimeInterval = 3600
    /// How soon an answer past that age is asked for again when nobody gave a newer one: one minute.
    public static let retryInterval: TimeInterval = 60

    /// Until when an answer is believed.
    ///
    /// Never past `nextUpdate`, and seldom past ``maximumAge``: an answer older than that is used only because no newer one
    /// was to be had, which is tried again soon.
    static func end(nextUpdate: Date, receivedAt: Date, now: Date) -> Date {
        let aged = receivedAt.addingTimeInterval(maximumAge)
        return min(nextUpdate, max(aged, now.addingTimeInterval(retryInterval)))
    }
}
