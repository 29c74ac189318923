import Foundation

/// Work that asks for no executor, such as the unstructured tasks of libraries.
///
/// It would run on the pool of the process, which a world neither waits for nor controls: what a busy pool does late,
/// happens late in virtual time too. So what is begun by the thread of a world goes to that world; everybody else's work
/// goes where it always goes. The runtime has a hook for this, `swift_task_enqueueGlobal_hook` (Swift's
/// `Runtime/Concurrency.h`).
enum UnassignedWork {
    private typealias Enqueue = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Enqueue) -> Void

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// Whether the hook could be set, which is done once.
    private static let isHooked: Bool = {
        guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "swift_task_enqueueGlobal_hook") else { return false }
        symbol.assumingMemoryBound(to: Hook?.self).pointee = { job, enqueue in
            guard let world = pthread_getspecific(UnassignedWork.key) else { return enqueue(job) }
            Unmanaged<Simulation>.fromOpaque(world).takeUnretainedValue().adopt(job)
        }
        return true
    }()

    /// Runs `body`; what it begins without an executor goes to `simulation`.
    static func given<Result>(to simulation: Simulation, _ body: () throws -> Result) throws -> Result {
        guard isHooked else {
            throw Simulation.Stuck(description: "this Swift runtime has no hook for unassigned work")
        }
        pthread_setspecific(key, Unmanaged.passUnretained(simulation).toOpaque())
        defer { pthread_setspecific(key, nil) }
        return try body()
    }
}
