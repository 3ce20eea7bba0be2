"""the verse of the day"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "daily",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("due_at", sa.Float(precision=53), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("sending_at", sa.Float(precision=53), nullable=True),
        sa.PrimaryKeyConstraint("platform", "user_id", name=op.f("pk_daily")),
    )
    with op.batch_alter_table("daily", schema=None) as batch_op:
        batch_op.create_index("ix_daily_due_at", ["platform", "due_at"], unique=False)


def downgrade() -> None:
    op.drop_table("daily")
