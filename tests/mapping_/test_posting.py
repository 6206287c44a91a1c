"""Dimensions come from the first rule that fits and sets them."""

from mapping.posting import Dimensions, Traits, dimensions
from settings.posting import PostingRule

RULES = (
    PostingRule(store="Retail", brand="Nordhem", sales_account="3002"),
    PostingRule(store="retail", branch="2", subaccount={"1": "10"}),
    PostingRule(country="SE", market="Sweden", project="WEB", sales_account="3001"),
    PostingRule(product_group="Shoes", sales_account="3003", branch="9"),
    PostingRule(branch="1"),
)


def test_each_dimension_is_looked_up_by_itself() -> None:
    """A rule that sets only the account leaves the branch to the next one."""
    traits = Traits("Retail", "Sweden", "SE", "nordhem", "Shoes")

    assert dimensions(traits, RULES) == Dimensions("2", "3002", {"1": "10"}, "WEB")


def test_a_document_has_no_brand_or_group() -> None:
    """Rules for brand or product group do not touch the header."""
    assert dimensions(Traits(store="Other", country="SE"), RULES) == Dimensions("1")
    assert dimensions(Traits(), ()) == Dimensions()
