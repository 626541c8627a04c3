"""What the registrar holds: booths, records of study, and photos, where its settings say."""

from dataclasses import dataclass
from pathlib import Path

from nacl.public import PrivateKey, PublicKey
from sqlalchemy import func, select

from protocol.keys import decode_key
from registrar.booths import Booths
from registrar.errors import StoreError
from registrar.grants import Grants
from registrar.key_files import SEAL_FILE, SIGN_FILE
from registrar.objects import ObjectStore, open_objects
from registrar.permits import Permits
from registrar.photos import Photos, name_photo
from registrar.records import Records
from registrar.results import Results
from registrar.review_policy import Policies
from registrar.reviews import Reviews
from registrar.settings import Settings
from registrar.storage.database import Database
from registrar.storage.migrate import migrate
from registrar.storage.tables import BOOTH, HEAD, PHOTO, RECORD


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """How much the registrar holds."""

    records: int
    photographed: int
    """Records with a photo."""
    photos: int
    booths: int


class Store:
    """Everything that is held. Any thread may call; each call is one transaction of its own."""

    def __init__(self, folder: Path, objects: ObjectStore | None = None) -> None:
        """Open what a data folder's settings name, or make it; carry on what is of before.

        `objects` is another object store than is configured. Raises StoreError, UsageError.
        """
        self.folder = folder
        settings = Settings.read(folder)
        keys_there = any((folder / file).exists() for file in (SEAL_FILE, SIGN_FILE))
        self.database = Database(folder, settings.database, keys_there=keys_there)
        self.objects = open_objects(folder, settings.objects) if objects is None else objects
        if self.database.before not in (None, HEAD):
            migrate(self.database, self.objects, self._seal_key(), name_photo)
        self.booths = Booths(self.database)
        self.records = Records(self.database)
        channels = settings.notices.channels
        self.photos = Photos(self.database, self.objects, channels)
        self.permits = Permits(self.database)
        self.grants = Grants(self.database)
        self.policies = Policies(self.database)
        self.reviews = Reviews(self.database, channels)
        self.results = Results(self.database, channels)

    def counts(self, institution_code: str | None = None) -> StoreCounts:
        """Count what is held: all, or what is an institution's."""
        records = select(func.count()).select_from(RECORD)
        photographed = select(func.count(PHOTO.c.record_id.distinct()))
        photos = select(func.count()).select_from(PHOTO)
        booths = select(func.count()).select_from(BOOTH)
        if institution_code is not None:
            of_it = RECORD.c.institution_code == institution_code
            its_photos = PHOTO.join(RECORD, RECORD.c.record_id == PHOTO.c.record_id)
            records, booths = (
                records.where(of_it),
                booths.where(BOOTH.c.institution_code == institution_code),
            )
            photographed = photographed.select_from(its_photos).where(of_it)
            photos = select(func.count()).select_from(its_photos).where(of_it)
        counted = [count.scalar_subquery() for count in (records, photographed, photos, booths)]
        with self.database.connection() as db:
            return StoreCounts(*db.execute(select(*counted)).one())

    def _seal_key(self) -> PublicKey | None:
        """The public half of the key that photos were sealed to before; None where there was none.

        A data folder of before has the key itself, or has told its public half to booths.
        """
        path = self.folder / SEAL_FILE
        try:
            return PrivateKey(decode_key(path.read_text("ascii"))).public_key
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise StoreError(f"{path}: is no key; bring it back from a copy") from error
