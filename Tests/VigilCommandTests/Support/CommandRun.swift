import FoundationEssentials
import ImageTrust
import Synchronization

@testable import VigilCommand

/// One run of the command line in surroundings made for it.
struct CommandRun {
    var status: Int32
    var output: String
    var errors: String

    /// The moment of every run: within the life of the test certificates.
    static let now = Date(timeIntervalSince1970: 1_780_000_000)

    /// What surrounds a run; the defaults are a pipe, no variables and an empty standard input.
    struct Surroundings {
        var variables: [String: String] = [:]
        var input = ""
        var profile = TerminalProfile.pipe
        var clock: any Clock<Duration> = NeverClock()
        var registry = ImagesInMemory()
        var vaults = VaultsInMemory()
        /// How registries were asked, once the run is over.
        let options = OptionsRecord()
    }

    init(_ arguments: String..., in surroundings: Surroundings = Surroundings()) async {
        await self.init(arguments, in: surroundings)
    }

    init(_ arguments: [String], in surroundings: Surroundings) async {
        let (output, errors) = (TextBuffer(), TextBuffer())
        let input = Array(surroundings.input.utf8)
        let environment = CommandEnvironment(
            variables: surroundings.variables,
            standardInput: { limit throws(InputError) in
                guard input.count <= limit else { throw InputError("standard input is too large") }
                return input
            },
            output: output,
            errors: errors,
            outputProfile: surroundings.profile,
            errorsProfile: surroundings.profile,
            now: { Self.now },
            clock: surroundings.clock,
            registries: GivenRegistry(registry: surroundings.registry, asked: surroundings.options),
            vaults: surroundings.vaults,
            interruptible: { await $0() }
        )
        status = await VigilCommand.execute(arguments, in: environment)
        self.output = output.text
        self.errors = errors.text
    }
}

/// Keeps how registries were asked.
final class OptionsRecord: Sendable {
    let last = Mutex<RegistryOptions?>(nil)
}

/// Hands out one registry, whatever is asked for.
struct GivenRegistry: RegistryConnector {
    var registry: any ImageRegistry
    var asked: OptionsRecord

    func withRegistry<Result: Sendable>(
        _ options: RegistryOptions,
        _ body: (ImageServices) async throws -> Result
    ) async throws -> Result {
        asked.last.withLock { $0 = options }
        return try await body(ImageServices(registry: registry))
    }
}

/// A clock on which nothing ever comes due: sleeping ends by cancellation only.
struct NeverClock: Clock {
    var now: ContinuousClock.Instant { ContinuousClock.now }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        for await _ in stream {}
        continuation.finish()
        throw CancellationError()
    }
}

/// A clock on which everything is due at once.
struct InstantClock: Clock {
    var now: ContinuousClock.Instant { ContinuousClock.now }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {}
}
