public import OCIRegistry

/// The registry client asks as it is.
extension RegistryClient: ImageRegistry {}
