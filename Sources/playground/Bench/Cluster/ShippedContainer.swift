/// What the container of the Deployment may take (`config/manager/deployment.yaml`).
enum ShippedContainer {
    /// Its limit, in MiB: with more the kernel ends it.
    static let memoryLimit = 256.0

    /// Half of the limit, in MiB: while a copy is filled anew, the old one is still there.
    static let settledMemory = memoryLimit / 2
}
