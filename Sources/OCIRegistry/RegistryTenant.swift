/// On whose account the task asks registries, so that nobody's many questions delay another's first.
public enum RegistryTenant {
    /// The tenant, such as a namespace: at each host tenants take turns.
    ///
    /// Of the task and its children; empty unless set. It decides about the order alone: who is told what is a matter of
    /// credentials.
    @TaskLocal public static var name = ""
}
