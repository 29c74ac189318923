/// How fresh an answer of a registry has to be for the task that asks.
public enum RegistryFreshness {
    /// Whether lists of referrers are asked for whatever is known: a person said that something changed.
    ///
    /// Of the task and its children; `false` unless set. Content under a digest does not change, and needs no asking.
    @TaskLocal public static var asksAnew = false
}
