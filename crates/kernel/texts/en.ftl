## Every text a person reads. The order is that of zh-CN.ftl; a test holds the two to the same codes.
### Shared
point-longitude = Longitude { $value } is not between -180 and 180 degrees.
point-latitude = Latitude { $value } is not between -90 and 90 degrees.

### Page
product-name = Huying
product-motto = The street calls, departments answer.

### Import
import-row-width = The row has { $found } cells, the header { $expected }.
import-row-encoding = The row is not UTF-8 text.
import-row-length = A cell of the row is longer than 64 KiB.
import-cell-empty = "{ $column }" is empty.
import-cell-time = "{ $column }" holds no time in a form the map names: { $value }
import-cell-coordinate = "{ $column }" holds no coordinate: { $value }
import-cell-on-time = "{ $column }" says neither on time nor overdue: { $value }

### Profile

profile-file-missing = This file is missing.
profile-file-unreadable = Cannot be read: { $cause }.
profile-file-syntax = Not well formed: { $cause }.
profile-file-empty = There are no rows.
profile-column-missing = Column “{ $column }” is missing.
profile-column-unknown = There is no column “{ $column }” in this file.
profile-row-length = { $expected } cells expected, { $found } found.
profile-value-empty = May not be empty.
profile-value-excess = Should be empty here, not “{ $value }”.
profile-value-control = Holds a control character.
profile-value-not-allowed = “{ $value }” is none of: { $allowed }.
profile-value-not-a-number = “{ $value }” is not a number.
profile-value-out-of-range = { $value } is not between { $least } and { $most }.
profile-value-not-a-date = “{ $value }” is not a date: YYYY-MM-DD.
profile-value-not-a-time = “{ $value }” is not a time of day: HH:MM.
profile-value-not-a-limit = “{ $value }” is not a limit: { $cause }.
profile-value-not-a-colour = “{ $value }” is not a colour: #RRGGBB.
profile-value-not-a-zone = “{ $value }” is not an IANA time zone.
profile-value-not-an-action = “{ $value }” is not an action: noun.verb.
profile-duplicate = “{ $value }” stands already on line { $first }.
profile-versions-overlap = The period of “{ $value }” overlaps the one on line { $first }.
profile-period-empty = It ends on { $until }, not after its start on { $from }.
profile-unknown-level = There is no level “{ $value }”.
profile-unknown-layer = There is no layer “{ $value }”.
profile-unknown-area = There is no area “{ $value }”.
profile-unknown-road = There is no road “{ $value }”.
profile-unknown-organization = There is no organization “{ $value }”.
profile-unknown-role = There is no role “{ $value }”.
profile-unknown-post = There is no post “{ $value }”.
profile-unknown-class = There is no class “{ $value }”.
profile-unknown-matter = There is no matter “{ $value }”.
profile-unknown-chain = There is no chain of signatures “{ $value }”.
profile-area-root = The first level has one area, not { $count }.
profile-area-parent-level = The parent “{ $parent }” is not of the level above ({ $level }).
profile-area-parent-period = The parent “{ $parent }” is not valid on { $date }.
profile-area-childless = “{ $value }” has no parts on { $date }.
profile-area-without-outline = “{ $value }” has no outline.
profile-outline-empty = The outline of “{ $value }” encloses nothing.
profile-ring-short = A ring of “{ $value }” has { $count } positions; it needs at least 4.
profile-ring-open = A ring of “{ $value }” is not closed.
profile-ring-crosses = The outline of “{ $value }” crosses or touches itself at { $longitude }, { $latitude }.
profile-areas-overlap = “{ $value }” and “{ $other }” overlap by { $area } m² near { $longitude }, { $latitude }.
profile-areas-gap = Beside “{ $value }” there is a gap of { $area } m² near { $longitude }, { $latitude }.
profile-areas-border = The common border of “{ $value }” and “{ $other }” does not share its vertices near { $longitude }, { $latitude }.
profile-parts-gap = The parts of “{ $value }” leave { $area } m² of it uncovered near { $longitude }, { $latitude }.
profile-parts-excess = The parts of “{ $value }” reach { $area } m² beyond it near { $longitude }, { $latitude }.
profile-building-elsewhere = Building “{ $value }” does not lie in grid “{ $area }” but in { $actual }.
profile-number-without-road = A house number without a road.
profile-organization-root = There is one organization of kind government, not { $count }.
profile-organization-orphan = “{ $value }” has no parent.
profile-organization-circle = The parents of “{ $value }” lead back to itself.
profile-organization-without-area = “{ $value }” has to name its area.
profile-roster-missing = “{ $value }” answers for the urgent matter “{ $matter }” but has no roster.
profile-roster-hole = Nobody of “{ $value }” is on duty on { $day } at { $time }.
profile-roster-foreign-post = Post “{ $value }” belongs neither to “{ $organization }” nor to a part of it.
profile-lead-nobody = “{ $value }” finds no organization for area “{ $area }”.
profile-limit-missing = Matter “{ $value }” has no limit for { $stage }.
profile-limit-needless = Matter “{ $value }” says that it is not timed, so it has no limits.
profile-switch-without-ground = Turning “{ $value }” on needs a ground.
profile-calendar-year-missing = There is no holiday file for { $year }.
profile-calendar-wrong-year = { $value } is not in { $year }.
profile-calendar-openings-overlap = Opening hours of { $day } overlap at { $time }.
