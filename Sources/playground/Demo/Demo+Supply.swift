extension Demo {
    /// Starts both registries, and logs those in who push, sign and verify by hand.
    func startRegistries(_ children: ChildProcesses) async throws -> DemoRegistries {
        transcript.heading("Starting a registry, and another behind a password")
        let registries = DemoRegistries(
            open: try await RegistryProcess.start(tools, children),
            guarded: try await RegistryProcess.start(
                tools,
                children,
                named: "guarded-registry",
                htpasswd: DemoRegistries.htpasswd
            )
        )
        try folder.write(registries.dockerConfiguration, to: "home/.docker/config.json")
        transcript.note("docker-registry, the real one, at \(registries.open) and \(registries.guarded)")
        return registries
    }

    /// Starts the cluster's stand-in, unless a real one is used.
    func startCluster(_ children: ChildProcesses) async throws {
        if cluster.isStandIn {
            transcript.heading("Starting the embedded Kubernetes API")
            try await StandInCluster.start(tools, children)
            transcript.note("a stand-in for a cluster: it keeps everything in memory and runs nothing")
        }
        try await cluster.waitUntilReachable()
    }

    /// Pushes every image, signs what is to be signed and alters what is to be altered.
    func publishImages(to registries: DemoRegistries) async throws -> [PublishedImage] {
        transcript.heading("Pushing images with oras and signing them with notation")
        let signer = Signer(tools: tools)
        try await signer.prepare()
        var published: [PublishedImage] = []
        for image in DemoImage.all {
            let publisher = ImagePublisher(tools: tools, registry: registries.address(of: image))
            let result = try await publisher.publish(image)
            published.append(result)
            guard let signature = image.signature else {
                transcript.note("\(image.repository):\(image.tag) stays unsigned")
                continue
            }
            try await sign(result, signature)
            if image.isSignatureAltered {
                try await SignatureTampering(tools: tools).alter(result)
                transcript.note("one byte of that signature is altered on the registry's disk")
            }
        }
        return published
    }

    /// Signs an image and shows the command.
    func sign(_ image: PublishedImage, _ signature: DemoImage.Signature) async throws {
        let arguments = Signer.arguments(signature, reference: image.signedReference)
        transcript.command(Toolbox.commandLine(.notation, arguments))
        try await tools.run(.notation, arguments)
    }
}
