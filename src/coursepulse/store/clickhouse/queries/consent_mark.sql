-- Students who do not agree to analytics (removed = 0), or do again (removed = 1).
INSERT INTO not_agreed SELECT arrayJoin({students:Array(UUID)}), {version:UInt64}, {removed:UInt8}
