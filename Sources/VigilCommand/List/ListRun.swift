import ImageTrust
import OCIModel
import OCIRegistry

/// One run of `vigil list`: asks the registry, writes the list.
struct ListRun: Sendable {
    let image: ImageReference
    /// How the registry is asked.
    let access: RegistryOptions
    /// How many signatures are looked at.
    let maximumSignatures: Int
    let writesJSON: Bool
    let environment: CommandEnvironment

    /// Runs to the end.
    func status() async -> ExitStatus {
        do {
            let found = try await environment.registries.withRegistry(access) { services in
                try await attachments(in: services.registry)
            }
            guard !Task.isCancelled else { return .interrupted }
            let list = AttachmentList(image: image, attachments: found)
            environment.output.write(writesJSON ? list.json : list.tree)
            return .success
        } catch {
            guard !Task.isCancelled, !(error is CancellationError) else { return .interrupted }
            guard let failure = error as? RegistryError else {
                environment.complain((error as? InputError)?.message ?? "\(error)")
                return .unusable
            }
            environment.complain(failure.message)
            return failure.isAbsence ? .notTrusted : .unavailable
        }
    }

    /// What is attached, within the time that one image may take.
    private func attachments(in registry: any ImageRegistry) async throws -> ImageAttachments {
        let attachments = try await environment.clock.run(within: access.timeout) {
            try await AttachmentLister(registry: registry, maximumSignatures: maximumSignatures).attachments(of: image)
        }
        if let attachments { return attachments }
        let host = image.repository.registry
        throw RegistryError(
            .timedOut,
            "\(host) did not give all answers within \(access.timeout.inSeconds); try again, or allow more with --timeout",
            host: host,
            repository: image.repository.path
        )
    }
}
