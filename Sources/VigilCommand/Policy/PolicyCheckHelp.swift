/// The long part of `vigil policy check --help`.
enum PolicyCheckHelp {
    static let text = """
        Each finding names the file, the line and the column, the field, what is wrong with it and what to write instead. \
        Errors keep a policy from being applied, by the operator as by vigil verify. Warnings are about what is \
        allowed but dangerous, has no effect, or ends soon. Nothing is asked of a cluster, a registry or any other \
        service.

        EXAMPLES
          Every policy of a Git checkout, before it is merged:
            vigil policy check policies/
          The trust policy of notation with its trust stores:
            vigil policy check ~/.config/notation
          What a chart would deploy, warnings counting as errors:
            helm template trust | vigil policy check - --strict

        WHAT IS READ
          TrustPolicy, ClusterTrustPolicy     with the ConfigMaps and Secrets in the
                                              same files; certificates in others are
                                              not looked at, and a warning says so
          trustpolicy.oci.json,               trust policies of notation for images;
          trustpolicy.json                    the trust stores in truststore/ beside
                                              them are read too
          trustpolicy.blob.json               trust policies of notation for blobs

        EXIT STATUS
          0    no errors; there may be warnings
          1    at least one error; with --strict, or warning
          2    the command line cannot be used, a file cannot be read, or there is
               no policy in the files
        """
}
