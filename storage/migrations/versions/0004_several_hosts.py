"""several hosts on one database"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hosts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seen", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hosts")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("host", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("conversation", sa.Text(), nullable=True))
        batch_op.create_index("ix_inbox_conversation", ["conversation"], unique=False)
    with op.batch_alter_table("daily", schema=None) as batch_op:
        batch_op.add_column(sa.Column("host", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("daily", schema=None) as batch_op:
        batch_op.drop_column("host")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index("ix_inbox_conversation")
        batch_op.drop_column("conversation")
        batch_op.drop_column("host")
    op.drop_table("hosts")
