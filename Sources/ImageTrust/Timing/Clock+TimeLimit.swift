extension Clock where Duration == Swift.Duration {
    /// Runs `operation` and gives up on it when `limit` has passed.
    ///
    /// When the calling task is cancelled, so is the operation, and what it makes of that is the result: a limit that was
    /// cut short has not passed.
    ///
    /// - Parameters:
    ///   - limit: how long the operation may take.
    ///   - operation: what is run.
    /// - Returns: the operation's result, or `nil` when the limit passed first; the operation is then cancelled and has
    ///   ended when this returns.
    /// - Throws: what the operation throws.
    public func run<Value: Sendable, Failure: Error>(
        within limit: Duration,
        _ operation: @escaping @Sendable () async throws(Failure) -> Value
    ) async throws(Failure) -> Value? {
        let ending = await withTaskGroup(of: Ending<Value, Failure>.self) { group in
            group.addTask {
                do throws(Failure) {
                    return .ended(.success(try await operation()))
                } catch {
                    return .ended(.failure(error))
                }
            }
            group.addTask {
                do { try await sleep(for: limit) } catch { return .cutShort }
                return .passed
            }
            defer { group.cancelAll() }
            var ending = Ending<Value, Failure>.cutShort
            while case .cutShort = ending, let next = await group.next() { ending = next }
            return ending
        }
        guard case .ended(let result) = ending else { return nil }
        return try result.get()
    }
}

/// How one of the two came to its end.
private enum Ending<Value: Sendable, Failure: Error>: Sendable {
    case ended(Result<Value, Failure>)
    case passed
    /// The limit, by cancellation.
    case cutShort
}
