-- Takes back the attempt that succeeded, and leaves the failures of others at the same address.
UPDATE sign_in_failures SET failures = greatest(failures - 1, 0) WHERE whom = %(whom)s
