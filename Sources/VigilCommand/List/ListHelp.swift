/// The long part of `vigil list --help`.
enum ListHelp {
    static let text = """
        The image is resolved to its digest, and everything that its registry lists as referring to that digest is \
        shown: Notary Project signatures with what they say, and other attachments, such as SBOMs, with what the registry \
        says of them. Registries without the referrers API are asked for the tag that clients maintain instead.

        NOTHING HERE IS JUDGED. Anybody who may push to the repository can attach a signature with any name in it. What \
        a signature's problem line says keeps it from counting under any policy; without one it is still open whether the \
        signer is trusted, and whether the signature or its certificates are expired or revoked. vigil verify judges.

        EXAMPLES
          vigil list registry.example.com/shop/web:v1
          vigil list -o json registry.example.com/shop/web@sha256:… | jq -r '.signatures[].certificates[0].subject'

        EXIT STATUS
          0    the list is complete, even if there is nothing in it
          1    there is no such image
          2    the command line or a file cannot be used
          3    the registry could not be asked
          130  interrupted
        """
}
